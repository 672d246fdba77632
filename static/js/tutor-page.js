// The page of the course around the tutor: where the round button's drawer says which it is, questions can be about it.
export class OpenPage {
  constructor(root) {
    this.number = null;
    this.drawer = null;
    this.chip = root.querySelector('[data-part="page"]');
    if (!this.chip || window.parent === window) return;
    this.address = this.chip.dataset.address;
    this.origins = this.chip.dataset.origins.split(" ");
    this.chip.querySelector("button").addEventListener("click", () => this.leave(root));
    window.addEventListener("message", (event) => this.heard(event));
    document.addEventListener("keydown", (event) => this.pressed(event));
    // Whoever frames this page may know that it is there; the answer counts only from the course's own site.
    window.parent.postMessage({ type: "lectern.ready" }, "*");
  }

  heard({ source, origin, data }) {
    if (source !== window.parent || !this.origins.includes(origin) || data?.type !== "lectern.page") return;
    this.drawer = origin;
    if (Number.isInteger(data.cmid)) this.about(data.cmid);
  }

  async about(number) {
    const response = await fetch(`${this.address}?cmid=${number}`, { headers: { Accept: "application/json" } }).catch(() => null);
    const { title } = response?.ok ? await response.json() : {};
    if (!title) return;
    this.number = number;
    this.chip.querySelector('[data-part="page-title"]').textContent = title;
    this.chip.querySelector('input[name="page"]').value = number;
    this.chip.hidden = false;
  }

  leave(root) {
    this.number = null;
    this.chip.querySelector('input[name="page"]').value = "";
    this.chip.hidden = true;
    root.querySelector('[name="text"]').focus();
  }

  pressed(event) {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || !this.drawer) return;
    window.parent.postMessage({ type: "lectern.close" }, this.drawer);
  }
}
