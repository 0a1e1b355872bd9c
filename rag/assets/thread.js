// Of the thread component: clicks in the rendered answers become events for Python; `element`, `trigger` and
// `watch` are given by gradio.
const copyText = async (text) => {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  // Served over plain http to another machine there is no clipboard object.
  const area = document.createElement("textarea");
  area.value = text;
  area.style.cssText = "position:fixed;opacity:0";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
};

const showSources = () => {
  const side = document.getElementById("wj-side");
  // Beside the chat the panel is in view already; below it, it has to be brought there.
  if (side && window.matchMedia("(max-width: 900px)").matches) side.scrollIntoView({ behavior: "smooth", block: "start" });
};

element.addEventListener("click", async (event) => {
  const example = event.target.closest(".wj-example");
  if (example) return trigger("example", { question: example.textContent });
  const copy = event.target.closest(".wj-copy");
  if (copy) {
    await copyText(copy.dataset.copy);
    copy.textContent = "已复制";
    setTimeout(() => { copy.textContent = "复制"; }, 1600);
    return undefined;
  }
  const exchange = event.target.closest(".wj-answer") && event.target.closest(".wj-exchange");
  if (!exchange || !window.getSelection().isCollapsed) return undefined;
  const marker = event.target.closest(".wj-ref");
  trigger("choose", { turn: Number(exchange.dataset.turn), number: marker ? Number(marker.dataset.number) : 0 });
  if (marker || event.target.closest(".wj-show")) showSources();
  return undefined;
});

// A new question is brought to the top, so that its answer is read from the start.
let seen = 0;
watch("value", () => {
  const exchanges = element.querySelectorAll(".wj-exchange");
  if (exchanges.length > seen) exchanges[exchanges.length - 1].scrollIntoView({ behavior: "smooth", block: "start" });
  seen = exchanges.length;
});
