// One turn on the page: puts its numbered events into the parts of its list item, each once.
import { safeFragment } from "./safe-html.js";
import { showAttached } from "./tutor-attach.js";

const NO_ID = "00000000-0000-0000-0000-000000000000";

export class TurnView {
  constructor(item, texts, sourceTemplate) {
    this.item = item;
    this.texts = texts;
    this.sourceTemplate = sourceTemplate;
    this.seen = 0;
    this.citations = [];
  }

  part(name) {
    return this.item.querySelector(`[data-part="${name}"]`);
  }

  ask(text, attachments) {
    this.part("question").textContent = text;
    showAttached(this.part("attached"), attachments);
    // Nobody can stop it before the server has taken it.
    this.part("stop").hidden = true;
    this.begin();
  }

  begin() {
    for (const name of ["blocks", "tail", "sources"]) this.part(name).replaceChildren();
    for (const name of ["hints", "sources", "error", "retry", "after"]) this.part(name).hidden = true;
    this.citations = [];
    this.note(this.texts.textWriting);
    this.part("answer").setAttribute("aria-busy", "true");
  }

  // Whether the event was new: after a reconnection some may come again.
  take(event) {
    if (event.seq <= this.seen) return false;
    this.seen = event.seq;
    this[`on_${event.type}`]?.(event);
    return true;
  }

  on_accepted(event) {
    this.item.id = `turn-${event.position}`;
    this.item.dataset.turn = event.turn;
    this.position = event.position;
    for (const form of this.item.querySelectorAll("form")) form.action = form.action.replace(NO_ID, event.turn);
    for (const field of this.item.querySelectorAll('[data-part="asked"]')) field.value = this.part("question").textContent;
    this.begin();
    this.item.dataset.open = "";
    this.part("stop").hidden = false;
  }

  on_delta(event) {
    this.note("");
    const tail = this.part("tail");
    if (event.tail !== undefined) tail.textContent = event.tail;
    else tail.append(event.text);
  }

  on_block(event) {
    this.note("");
    this.part("blocks").append(safeFragment(event.html));
    this.part("tail").textContent = event.tail;
  }

  on_citations(event) {
    this.citations = event.citations;
    const list = this.part("sources");
    list.replaceChildren(...event.citations.map((citation) => this.source(citation)));
    list.hidden = false;
  }

  on_done(event) {
    this.end();
    this.offerNext(event.outcome !== "cancelled");
    if (event.outcome === "refusal" && this.part("teachers")) this.part("teachers").open = true;
    this.part("hints").hidden = !event.is_hint_first;
    const isUncited = event.outcome === "answer" && !this.citations.some((one) => one.is_supported);
    this.note(isUncited ? this.texts.textUncited : event.text);
    if (event.outcome === "quotation") this.openSources();
  }

  on_error(event) {
    this.end();
    // Passages that come with an error stand in for the answer.
    this.note(this.citations.length ? this.texts.textQuotation : "");
    this.openSources();
    this.part("error").textContent = event.text;
    this.part("error").hidden = false;
    this.offerNext(false);
  }

  // Questions that could follow: buttons of the form that the template holds.
  on_suggestions(event) {
    const list = this.part("follow-ups");
    const button = list.querySelector("template").content.firstElementChild;
    for (const question of event.questions) {
      const item = button.cloneNode(true);
      const field = item.querySelector("button");
      field.value = question;
      field.textContent = question;
      list.append(item);
    }
    list.hidden = false;
  }

  // Asked again: the earlier version stays, closed.
  fold() {
    const details = document.createElement("details");
    details.className = "tutor-earlier";
    const summary = document.createElement("summary");
    summary.textContent = this.texts.textEarlier;
    this.part("after").remove();
    details.append(summary, ...this.item.childNodes);
    this.item.append(details);
  }

  end() {
    this.unlinkWhatIsNoSource();
    this.part("answer").setAttribute("aria-busy", "false");
    this.part("stop").hidden = true;
    delete this.item.dataset.open;
  }

  // A number that named a passage when its paragraph was written, and names none among the sources that came after all.
  unlinkWhatIsNoSource() {
    const numbers = new Set(this.citations.filter((one) => one.is_supported).map((one) => `[${one.number}]`));
    for (const link of this.part("blocks").querySelectorAll("a.citation")) {
      if (!numbers.has(link.textContent)) link.replaceWith(link.textContent);
    }
    this.part("blocks").normalize();
  }

  openSources() {
    for (const one of this.part("sources").querySelectorAll("details")) one.open = true;
  }

  // Half an answer, or none, is tried again, not rated. The style sheet shows what only the last turn offers.
  offerNext(isAnswered) {
    this.part("after").hidden = false;
    for (const name of ["rating", "again"]) if (this.part(name)) this.part(name).hidden = !isAnswered;
    this.part("retry").hidden = isAnswered;
  }

  // A retry that was refused, or a turn that is gone or that its launch may see no longer.
  refused() {
    if ("open" in this.item.dataset) this.note("");
    this.end();
    this.part("retry").hidden = false;
  }

  // Sent over a line that may be cut: whatever comes from its beginning is new again.
  retrying() {
    this.part("retry").hidden = true;
    this.seen = 0;
  }

  stopping() {
    this.part("stop").hidden = true;
  }

  // Nobody knows whether the word to stop has arrived.
  lineLost() {
    this.part("stop").hidden = !("open" in this.item.dataset);
  }

  note(text) {
    this.part("note").textContent = text;
    this.part("note").hidden = !text;
  }

  source(citation) {
    const item = this.sourceTemplate.content.firstElementChild.cloneNode(true);
    item.id = `turn-${this.position ?? this.item.id.replace("turn-", "")}-source-${citation.number}`;
    item.querySelector(".tutor-number").textContent = `[${citation.number}]`;
    item.querySelector('[data-part="source-name"]').textContent = [citation.title, citation.locator].filter(Boolean).join(", ");
    if (citation.is_supported) item.querySelector('[data-part="unsupported"]').remove();
    item.querySelector("blockquote").textContent = citation.quotation;
    item.querySelector("a").href = citation.url;
    const inCourse = item.querySelector('[data-part="course-link"]');
    if (citation.course_url) inCourse.href = citation.course_url;
    else inCourse.remove();
    return item;
  }
}
