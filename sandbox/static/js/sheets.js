// What slides up from below: a list of things to do, or a small form.
import { byId, make } from "./dom.js";
import { text } from "./texts.js";

const shade = () => byId("sheet-shade");

export const closeSheet = () => { shade().hidden = true; };

export const startSheets = () => {
  shade().addEventListener("click", (event) => { if (event.target === event.currentTarget) closeSheet(); });
  addEventListener("keydown", (event) => { if (event.key === "Escape") closeSheet(); });
};

const open = (...children) => {
  byId("sheet").replaceChildren(...children);
  shade().hidden = false;
};

// entries: [words, className, act]
export const openList = (entries) => {
  const buttons = [...entries, [text("cancel"), "cancel", () => {}]].map(([words, className, act]) => {
    const button = make("button", className, words);
    button.addEventListener("click", () => { closeSheet(); act(); });
    return button;
  });
  open(...buttons);
};

const control = (field) => {
  if (field.options) return make("select", "", ...field.options.map(([value, words]) => new Option(words, value)));
  const element = make(field.long ? "textarea" : "input");
  if (!field.long) element.type = field.type ?? "text";
  if (field.type === "number") Object.assign(element, { step: "any", min: field.min ?? "", max: field.max ?? "" });
  element.value = field.value ?? "";
  return element;
};

// fields: {name, label, type, value, options, long, required}; done(values) gets texts, and numbers for number fields.
export const openForm = (title, fields, done) => {
  const rows = fields.map((field) => {
    const element = control(field);
    element.name = field.name;
    element.required = Boolean(field.required);
    return make("label", "", make("span", "", field.label), element);
  });
  const cancel = make("button", "quiet", text("cancel"));
  cancel.type = "button";
  cancel.addEventListener("click", closeSheet);
  const form = make("form", "sheet-form", make("h2", "", title), ...rows, make("div", "sheet-buttons", cancel, make("button", "go", text("done"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(form);
    closeSheet();
    done(Object.fromEntries(fields.map(({ name, type }) => [name, type === "number" ? Number(given.get(name)) : given.get(name)])));
  });
  open(form);
  form.querySelector("input, textarea, select")?.focus();
};

// Asks for a file of this phone; nothing happens when none is chosen.
export const chooseFile = (accept, done, capture) => {
  const input = make("input");
  input.type = "file";
  input.accept = accept;
  if (capture) input.capture = capture;
  input.addEventListener("change", () => { if (input.files[0]) done(input.files[0]); });
  input.click();
};
