// The arrows that unfold the table of contents have no text of their own: name them.
document.addEventListener("DOMContentLoaded", () => {
  for (const arrow of document.querySelectorAll("summary")) {
    const link = arrow.closest("li")?.querySelector("a");
    if (!arrow.textContent.trim() && link) {
      arrow.setAttribute("aria-label", `Unfold ${link.textContent.trim()}`);
    }
  }
});
