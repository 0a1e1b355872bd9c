// Of the panel component: the source that was picked comes into view.
watch("value", () => {
  const active = element.querySelector(".wj-active");
  const box = document.getElementById("wj-sources");
  if (active) active.scrollIntoView({ behavior: "smooth", block: "nearest" });
  else if (box) box.scrollTop = 0;
});
