// The tutor, live: sends questions over a socket and lets the answers grow. Without this script the forms do the same.
import { addCopyButtons } from "./copy-code.js";
import { newKey } from "./key.js";
import { Attachments } from "./tutor-attach.js";
import { listenToFeedback } from "./tutor-feedback.js";
import { Line } from "./tutor-line.js";
import { OpenPage } from "./tutor-page.js";
import { Microphone, listenToReading, offerReading } from "./tutor-speech.js";
import { TurnView } from "./tutor-turn.js";

class Tutor {
  constructor(root) {
    this.root = root;
    this.texts = root.dataset;
    this.turns = new Map();
    this.waiting = new Map();
    this.line = new Line(root.dataset.socket, this.token(), (event) => this.take(event), (state) => this.tell(state));
    for (const item of root.querySelectorAll("li[data-turn]")) this.adopt(item);
    this.root.addEventListener("submit", (event) => this.submitted(event));
    this.root.addEventListener("click", (event) => this.openSource(event));
    // What opens below the edge is not seen to open. The event does not bubble.
    this.root.addEventListener("toggle", (event) => this.bringIntoView(event.target), true);
    listenToFeedback(this.root);
    this.attachments = new Attachments(this.composer(), `${this.line.base}attachments`, this.token(), (name, reason) => this.alert(`${name}: ${reason ?? this.texts.textNotTaken}`));
    this.microphone = new Microphone(this.composer(), `${this.line.base}speech`, this.token(), this.texts, (text, left) => this.heard(text, left));
    this.page = new OpenPage(this.root);
    this.remaining = this.part("left")?.textContent ?? "";
    listenToReading(this.root);
    this.composer()?.addEventListener("keydown", (event) => this.pressed(event));
    this.log().scrollTop = this.log().scrollHeight;
  }

  part(name) {
    return this.root.querySelector(`[data-part="${name}"]`);
  }

  log() {
    return this.part("log");
  }

  composer() {
    return this.part("composer");
  }

  token() {
    return this.root.querySelector('input[name="csrf_token"]')?.value ?? "";
  }

  adopt(item) {
    const view = new TurnView(item, this.texts, this.part("source-template"));
    this.turns.set(item.dataset.turn, view);
    addCopyButtons(item, this.texts);
    if ("open" in item.dataset) {
      view.begin();
      this.line.follow(item.dataset.turn, 0);
    }
  }

  pressed(event) {
    const sends = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (!sends || event.target.name !== "text") return;
    event.preventDefault();
    // Nothing is sent while its files are still on their way.
    this.composer().querySelector('[type="submit"]').click();
  }

  submitted(event) {
    const form = event.target;
    const kind = form.dataset.part;
    const turn = form.closest("li[data-turn]")?.dataset.turn;
    if (["composer", "opening", "again"].includes(kind)) {
      // While a notice waits to be read there is no composer: the server says so.
      if (!this.composer()) return;
      event.preventDefault();
      if (kind === "composer") this.askTyped(form.elements.text);
      else this.ask((event.submitter?.value || form.elements.text.value).trim(), kind === "again" ? turn : undefined);
    } else if (turn && ["stop", "retry"].includes(kind) && this.line.can(kind, turn)) {
      event.preventDefault();
      const view = this.turns.get(turn);
      this.alert("");
      if (kind === "stop") view.stopping();
      else view.retrying();
    }
  }

  // Other buttons leave what stands in the composer.
  askTyped(field) {
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    this.ask(text, undefined, { text, attachments: this.attachments.take() });
  }

  ask(text, replaces, typed = { text: "", attachments: [] }) {
    if (!text) return;
    const key = newKey();
    const item = this.part("turn-template").content.firstElementChild.cloneNode(true);
    const view = new TurnView(item, this.texts, this.part("source-template"));
    view.ask(text, typed.attachments);
    this.part("turns").append(item);
    this.waiting.set(key, { view, replaces, typed });
    this.alert("");
    this.composer().elements.text.focus();
    this.log().scrollTop = this.log().scrollHeight;
    const page = replaces ? undefined : this.page.number ?? undefined;
    this.line.ask(key, { text, replaces, page, attachments: typed.attachments.map(({ id }) => id) });
  }

  take(event) {
    const log = this.log();
    const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    if (event.type === "refused") this.refused(event);
    else this.grow(event);
    if (follows) log.scrollTop = log.scrollHeight;
  }

  grow(event) {
    const view = this.viewOf(event);
    if (!view || !view.take(event)) return;
    if (event.type === "accepted") {
      this.status(this.texts.textWriting);
      for (const part of document.querySelectorAll('[data-part="new-thread"], [data-part="export"]')) part.hidden = false;
    }
    if (event.type === "done" || event.type === "error") {
      addCopyButtons(view.item, this.texts);
      offerReading(view.item);
      if ("left_today" in event) this.left(event.left_today);
    }
    if (event.type === "done") this.status(this.texts.textReady);
    // The turn shows its error itself; this says it to those who cannot see it.
    if (event.type === "error") this.alert(event.text, "visually-hidden");
  }

  viewOf(event) {
    const sent = event.type === "accepted" && this.waiting.get(event.key);
    if (sent) {
      this.waiting.delete(event.key);
      // The page may have loaded with this very turn after a resend: then that one stays.
      if (this.turns.has(event.turn)) sent.view.item.remove();
      else this.turns.set(event.turn, sent.view);
      if (this.isOutOfDate(event)) location.assign(this.line.base);
      this.turns.get(sent.replaces)?.fold();
    }
    return this.turns.get(event.turn);
  }

  // Another tab asked meanwhile, or began a new thread: what stands before this turn is not what it follows.
  isOutOfDate({ turn, position }) {
    const before = this.turns.get(turn).item.previousElementSibling;
    return (before?.id ?? "turn-0") !== `turn-${position - 1}`;
  }

  refused(event) {
    const sent = this.waiting.get(event.key);
    if (sent) this.takeBack(event.key, sent);
    this.turns.get(event.turn)?.refused();
    this.alert(event.text);
  }

  // What was typed is in the composer again, before what was typed since, and its files are too.
  takeBack(key, { view, typed }) {
    this.waiting.delete(key);
    view.item.remove();
    const field = this.composer().elements.text;
    field.value = [typed.text, field.value].filter(Boolean).join("\n");
    for (const one of typed.attachments) this.attachments.keep(one);
  }

  tell(state) {
    if (state === "lost") {
      this.status(this.texts.textLost);
      for (const view of this.turns.values()) view.lineLost();
      return;
    }
    const text = state === "expired" ? this.texts.textExpired : this.texts.textNotSent;
    for (const [key, sent] of [...this.waiting]) this.takeBack(key, sent);
    this.alert(text);
  }

  openSource(event) {
    const link = event.target.closest("a.citation");
    const source = link && document.getElementById(link.hash.slice(1));
    if (source) source.querySelector("details").open = true;
  }

  bringIntoView(opened) {
    if (opened.open && opened.matches(".tutor-edit, .tutor-teachers")) opened.scrollIntoView({ block: "nearest" });
  }

  left(count) {
    this.remaining = typeof count === "number" ? this.texts.textLeft.replace("{count}", count) : "";
    const field = this.part("left");
    if (field) field.textContent = this.remaining;
  }

  // Said to everybody: a listening microphone is not to be missed.
  heard(text, left) {
    if (left !== undefined) this.left(left);
    this.part("left").textContent = text || this.remaining;
    this.status(text);
  }

  status(text) {
    this.part("status").textContent = text;
  }

  alert(text, look = "alert alert-danger py-2 mb-2") {
    const message = document.createElement("p");
    message.className = look;
    message.textContent = text;
    this.part("alert").replaceChildren(...(text ? [message] : []));
  }
}

for (const root of document.querySelectorAll('[data-module="tutor"]')) new Tutor(root);
for (const root of document.querySelectorAll('[data-module="tutor-reading"]')) {
  addCopyButtons(root, root.dataset);
  listenToFeedback(root);
  listenToReading(root);
}
