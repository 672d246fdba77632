// Files for the next question: each is sent as soon as it is chosen, so that the question itself stays small.
export class Attachments {
  constructor(form, address, token, onRefused) {
    this.field = form?.querySelector('[data-part="files"]');
    this.list = form?.querySelector('[data-part="pending"]');
    this.template = form?.querySelector('[data-part="pending-template"]');
    this.send = form?.querySelector('[type="submit"]');
    this.address = address;
    this.token = token;
    this.onRefused = onRefused;
    this.kept = new Map();
    this.sending = 0;
    this.field?.addEventListener("change", () => this.chosen([...this.field.files]));
    // What was chosen before this script came.
    if (this.field?.files.length) this.chosen([...this.field.files]);
  }

  async chosen(files) {
    this.field.value = "";
    this.sending += files.length;
    this.send.disabled = this.sending > 0;
    for (const file of files) {
      await this.upload(file);
      this.sending -= 1;
    }
    // Files chosen meanwhile may still be on their way.
    this.send.disabled = this.sending > 0;
  }

  async upload(file) {
    const body = new FormData();
    body.append("file", file);
    body.append("csrf_token", this.token);
    try {
      const response = await fetch(this.address, { method: "POST", body, headers: { Accept: "application/json" } });
      const answer = await response.json();
      if (response.ok) this.keep(answer);
      else this.onRefused(file.name, answer.message);
    } catch {
      this.onRefused(file.name);
    }
  }

  keep(attachment) {
    const item = this.template.content.firstElementChild.cloneNode(true);
    item.querySelector("span").textContent = attachment.name;
    item.querySelector("button").setAttribute("aria-label", `${item.querySelector("button").textContent} ${attachment.name}`);
    item.querySelector("button").addEventListener("click", () => {
      this.kept.delete(attachment.id);
      item.remove();
      this.field.focus();
    });
    this.kept.set(attachment.id, attachment);
    this.list.append(item);
    this.list.closest("details").open = true;
  }

  // What goes with the question that is sent now; the list is empty afterwards.
  take() {
    const taken = [...this.kept.values()];
    this.kept.clear();
    this.list?.replaceChildren();
    this.list?.closest("details").removeAttribute("open");
    return taken;
  }
}

// The names, or for pictures the pictures, below a question.
export function showAttached(list, attachments) {
  if (!list) return;
  for (const { name, kind, url } of attachments) {
    const link = document.createElement("a");
    Object.assign(link, { href: url, target: "_blank", rel: "noopener", textContent: kind === "image" ? "" : name });
    if (kind === "image") link.append(Object.assign(new Image(), { src: url, alt: name }));
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  list.hidden = !attachments.length;
}
