// In the page's head: what the whole page needs before gradio's components handle a key.
(() => {
  // Chinese glyphs, not the Japanese forms of the same code points, are chosen by the page's language.
  document.documentElement.lang = "zh-CN";

  // Enter that confirms a pinyin candidate belongs to the input method. gradio's Textbox sends on any Enter;
  // Safari ends the composition before it reports that Enter, and marks it with key code 229.
  let composing = false;
  window.addEventListener("compositionstart", () => { composing = true; }, true);
  window.addEventListener("compositionend", () => { composing = false; }, true);
  const guard = (event) => {
    if (event.key === "Enter" && (composing || event.isComposing || event.keyCode === 229)) {
      event.stopImmediatePropagation();
    }
  };
  window.addEventListener("keydown", guard, true);
  window.addEventListener("keypress", guard, true);
})();
