"use strict";
// Formulas, search, and switches that are still set on the next page. All else is HTML.

for (const element of document.querySelectorAll(".math")) {
  const formula = element.textContent;
  try {
    const style = element.closest(".lead, .reference") ? "\\displaystyle " : "";
    katex.render(style + formula, element, { throwOnError: true, strict: "ignore" });
    element.classList.add("set");
  } catch (error) {
    element.title = error.message;
  }
}
const tooWide = () => {
  for (const element of document.querySelectorAll(".math.set")) {
    const room = element.closest("p, li, dd, div").clientWidth;
    const widest = Math.max(0, ...[...element.querySelectorAll(".base")].map((b) => b.offsetWidth));
    element.classList.toggle("wide", widest > room);
    element.classList.contains("wide") ? (element.tabIndex = 0) : element.removeAttribute("tabindex");
  }
};
document.fonts.ready.then(tooWide);
addEventListener("resize", tooWide);

for (const box of document.querySelectorAll(".predict input")) {
  try {
    box.checked = sessionStorage.getItem(box.id) === "yes";
    box.addEventListener("change", () => sessionStorage.setItem(box.id, box.checked ? "yes" : "no"));
  } catch {
    // A browser may keep nothing for files; the switch works all the same.
  }
}

const form = document.querySelector(".search");
const field = document.querySelector("#q");
const hits = document.querySelector("#hits");
const root = document.body.dataset.root;
form.hidden = false;

function score(entry, words) {
  const name = entry.name.toLowerCase();
  let total = 0;
  for (const word of words) {
    if (name === word || name.endsWith("." + word)) total += 100;
    else if (name.includes(word)) total += 40;
    else if (entry.about.toLowerCase().includes(word)) total += 10;
    else if (!entry.text.includes(word)) return 0;
    total += Math.min(entry.text.split(word).length - 1, 9);
  }
  return total;
}

function show() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  hits.replaceChildren();
  hits.hidden = words.length === 0;
  if (hits.hidden) return;
  const found = TWOFOLD_PAGES.map((entry) => [score(entry, words), entry])
    .filter(([points]) => points > 0)
    .sort((a, b) => b[0] - a[0])
    .slice(0, 20);
  for (const [, entry] of found) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const about = document.createElement("small");
    link.href = root + entry.href;
    link.textContent = entry.name;
    about.textContent = entry.chapter + (entry.about ? ": " + entry.about : "");
    link.append(about);
    item.append(link);
    hits.append(item);
  }
  if (!found.length) {
    const item = document.createElement("li");
    item.className = "no";
    item.textContent = "Nothing has all of these words.";
    hits.append(item);
  }
}

field.addEventListener("input", show);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  hits.querySelector("a")?.click();
});
document.addEventListener("keydown", (event) => {
  const links = [...hits.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement);
  if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    field.focus();
  } else if (event.key === "Escape") {
    hits.hidden = true;
  } else if (!hits.hidden && event.key === "ArrowDown") {
    event.preventDefault();
    links[Math.min(at + 1, links.length - 1)]?.focus();
  } else if (!hits.hidden && event.key === "ArrowUp") {
    event.preventDefault();
    at > 0 ? links[at - 1].focus() : field.focus();
  }
});
document.addEventListener("click", (event) => {
  if (!form.contains(event.target)) hits.hidden = true;
});
