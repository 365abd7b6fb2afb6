// What scrolls must be reached by the keyboard, and what is a link must have a name.
(function () {
  "use strict";
  function mend() {
    document
      .querySelectorAll("pre, .table-wrapper, div.math, .output_html table, .sphx-glr-script-out, .toc-scroll, .sidebar-scroll")
      .forEach(function (box) {
        if (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1) {
          if (!box.hasAttribute("tabindex")) box.setAttribute("tabindex", "0");
        }
      });
    document.querySelectorAll("[role=heading]:not([aria-level])").forEach(function (caption) {
      caption.setAttribute("aria-level", "2");
    });
    // A picture of the gallery and the title under it lead to one page: the picture's link is named.
    document.querySelectorAll(".sphx-glr-thumbcontainer").forEach(function (card) {
      var title = card.querySelector(".sphx-glr-thumbnail-title");
      card.querySelectorAll("a").forEach(function (link) {
        if (title) link.setAttribute("aria-label", title.textContent.trim());
      });
      card.querySelectorAll("img").forEach(function (image) {
        if (!image.getAttribute("alt")) image.setAttribute("alt", "");
      });
    });
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mend);
  else mend();
  window.addEventListener("resize", mend);
})();
