// The recipes as tabs (WAI-ARIA Authoring Practices, "Tabs"). Without the script they stand one below the other.

import { element } from "./dom.ts";

/** Makes tabs of the sections that the page has. */
export function makeTabs(): void {
  const list = document.getElementById("tabs");
  const panels = [...document.querySelectorAll<HTMLElement>(".panel")];
  if (list === null || panels.length < 2) return;
  list.setAttribute("role", "tablist");
  const tabs = panels.map((panel) => {
    panel.setAttribute("role", "tabpanel");
    const title = panel.querySelector("h3")?.textContent ?? "";
    const tab = element(
      "button",
      { type: "button", role: "tab", id: `select-${panel.id}`, "aria-controls": panel.id },
      title,
    );
    panel.setAttribute("aria-labelledby", tab.id);
    return tab;
  });
  const select = (index: number): void => {
    tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(at === index));
      tab.tabIndex = at === index ? 0 : -1;
    });
    panels.forEach((panel, at) => (panel.hidden = at !== index));
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => select(index));
    tab.addEventListener("keydown", (event) => {
      const to = target(event.key, index, tabs.length);
      if (to === undefined) return;
      event.preventDefault();
      select(to);
      tabs[to]?.focus();
    });
  });
  list.append(...tabs);
  select(0);
}

function target(key: string, index: number, count: number): number | undefined {
  switch (key) {
    case "ArrowRight":
      return (index + 1) % count;
    case "ArrowLeft":
      return (index + count - 1) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}
