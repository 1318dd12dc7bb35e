// Light and dark: by the system's setting, until somebody chooses.

import { find } from "./dom.ts";

const KEY = "theme";

/** Before anything is painted. */
export function applyTheme(): void {
  set(remembered());
}

/** Shows the choice of colours, and keeps what is chosen. */
export function offerThemes(): void {
  const label = find("theme", HTMLElement);
  const select = label?.querySelector("select");
  if (label === undefined || !select) return;
  select.value = remembered();
  select.addEventListener("change", () => {
    set(select.value);
    try {
      localStorage.setItem(KEY, select.value);
    } catch {
      // A browser that keeps nothing shows the colours until the page is left.
    }
  });
  label.hidden = false;
}

function set(theme: string): void {
  if (theme === "") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

function remembered(): string {
  try {
    const theme = localStorage.getItem(KEY) ?? "";
    return theme === "light" || theme === "dark" ? theme : "";
  } catch {
    return "";
  }
}
