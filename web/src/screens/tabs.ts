// One of several parts at a time, chosen by name; arrow keys go from name to name.

import { h } from "../dom";

export interface Tab {
  name: string;
  title: string;
  /** Made when it is first chosen. */
  show: () => HTMLElement;
}

export interface Tabs {
  element: HTMLElement;
  choose: (name: string) => void;
  retitle: (name: string, title: string) => void;
}

export function tabs(label: string, all: Tab[], onChosen: (name: string) => void): Tabs {
  const buttons = all.map(({ name, title }) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${name}`,
        "aria-controls": `part-${name}`,
        onclick: () => choose(name),
        onkeydown: (event) => move(event, name),
      },
      title,
    ),
  );
  const parts = all.map(({ name }) =>
    h("div", { role: "tabpanel", id: `part-${name}`, "aria-labelledby": `tab-${name}`, hidden: true }),
  );
  const choose = (chosen: string) => {
    for (const [index, { name, show }] of all.entries()) {
      const [button, part] = [buttons[index]!, parts[index]!];
      const isChosen = name === chosen;
      button.ariaSelected = String(isChosen);
      button.tabIndex = isChosen ? 0 : -1;
      if (isChosen && !part.hasChildNodes()) part.append(show());
      part.hidden = !isChosen;
    }
    onChosen(chosen);
  };
  const move = (event: KeyboardEvent, from: string) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = all.findIndex(({ name }) => name === from);
    const next = (at + step + all.length) % all.length;
    event.preventDefault();
    choose(all[next]!.name);
    buttons[next]!.focus();
  };
  return {
    element: h(
      "div",
      { class: "tabs" },
      h("div", { role: "tablist", "aria-label": label }, ...buttons),
      ...parts,
    ),
    choose,
    retitle: (name, title) => {
      const index = all.findIndex((tab) => tab.name === name);
      buttons[index]!.textContent = title;
    },
  };
}
