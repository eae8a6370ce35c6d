document.addEventListener("DOMContentLoaded", () => {
  // The arrows that unfold the table of contents have no text of their own: name them.
  for (const arrow of document.querySelectorAll("summary")) {
    const link = arrow.closest("li")?.querySelector("a");
    if (!arrow.textContent.trim() && link) {
      arrow.setAttribute("aria-label", `Unfold ${link.textContent.trim()}`);
    }
  }
  // No line begins with the comma behind a formula, and none ends with the bracket before it.
  const near = (node, where) => (node?.nodeType === Node.TEXT_NODE ? node.data.match(where) : null);
  for (const math of document.querySelectorAll(".bd-article span.math")) {
    const [before, after] = [math.previousSibling, math.nextSibling];
    const opened = near(before, /[(\[“‘]+$/), closed = near(after, /^[.,;:!?)\]’”…%]+/);
    if (!opened && !closed) continue;
    const box = document.createElement("span");
    box.style.whiteSpace = "nowrap";
    math.replaceWith(box);
    box.append(opened ? opened[0] : "", math, closed ? closed[0] : "");
    if (opened) before.data = before.data.slice(0, -opened[0].length);
    if (closed) after.data = after.data.slice(closed[0].length);
  }
});
// A formula that is wider than the page scrolls: let the keyboard reach it.
window.addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  for (const box of document.querySelectorAll("mjx-container, .bd-article .math")) {
    const scrolls = getComputedStyle(box).overflowX === "auto" && box.clientWidth > 0;
    if (scrolls && box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
});
