// Adds files one by one, each with its progress and what became of it; removes articles.
const zh = document.documentElement.lang.startsWith("zh");
const drop = document.getElementById("add");
const list = document.getElementById("progress");
const REASONS = {
  empty: "空文件",
  "no-text": "没有文字",
  binary: "不是文本",
  encoding: "编码无法识别",
  "too-large": "太大",
  "too-complex": "太复杂",
  timeout: "读取超时",
  encrypted: "已加密",
  malformed: "文件已损坏",
  "zip-bomb": "压缩炸弹",
  unsupported: "不支持的格式",
  duplicate: "已收录",
  "bad-record": "有一条记录有误",
};

function send(file, shown) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", `api/articles?name=${encodeURIComponent(file.name)}`);
    request.upload.onprogress = (event) => {
      shown.textContent = `${Math.round((100 * event.loaded) / event.total)}%`;
    };
    request.upload.onload = () => {
      shown.textContent = zh ? "正在收录……" : "indexing…";
    };
    request.onloadend = () => {
      let body = null;
      try {
        body = JSON.parse(request.responseText);
      } catch {
        // no answer: said below
      }
      resolve({ status: request.status, body });
    };
    request.send(file);
  });
}

function told({ status, body }) {
  if (status !== 200) return body?.error?.message ?? (zh ? "服务器没有回应" : "the server did not answer");
  const articles = body.files.reduce((sum, row) => sum + row.articles, 0);
  const skipped = body.files.find((row) => row.status === "skipped");
  if (articles) return zh ? `收录 ${articles} 篇` : `${articles} articles`;
  return skipped ? `${zh ? (REASONS[skipped.reason] ?? skipped.reason) : skipped.reason}${skipped.detail ? `: ${skipped.detail}` : ""}` : zh ? "已收录" : "already there";
}

async function add(files) {
  let added = false;
  for (const file of files) {
    const row = document.createElement("li");
    const state = document.createElement("span");
    row.append(`${file.name} `, state);
    list.append(row);
    const answer = await send(file, state);
    state.textContent = told(answer);
    const good = answer.status === 200 && answer.body.files.some((one) => one.status === "indexed");
    row.className = good ? "good" : "bad";
    added ||= good;
  }
  if (added) {
    const again = document.createElement("a");
    again.href = "articles";
    again.textContent = zh ? "刷新列表" : "refresh the list";
    const row = document.createElement("li");
    row.append(again);
    list.append(row);
  }
}

document.getElementById("files").addEventListener("change", (event) => add([...event.target.files]));
addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
addEventListener("dragleave", (event) => event.relatedTarget || drop.classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  add([...event.dataTransfer.files]);
});

document.querySelector(".rows")?.addEventListener("click", async (event) => {
  const button = event.target.closest(".remove");
  if (!button) return;
  if (!button.dataset.sure) {
    button.dataset.sure = "1";
    button.textContent = zh ? "确定删除？" : "Really remove?";
    return;
  }
  const row = button.closest("li");
  button.disabled = true;
  const answer = await fetch(`api/articles/${row.dataset.id}`, { method: "DELETE" }).catch(() => null);
  if (answer?.ok) row.remove();
  else button.textContent = zh ? "没有删除" : "not removed";
});
