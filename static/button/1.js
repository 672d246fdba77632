// The round button on the pages of a Moodle course: it opens the course's own tutor activity in a drawer, on click only.
// It says nothing of who is there: Moodle's signed launch does that. Released: another behaviour is another number.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || window.lecternButton || window.top !== window) return;
  window.lecternButton = 1;

  const tool = new URL(script.src).origin;
  const NOWHERE = [
    "#page-mod-quiz-attempt, #page-mod-quiz-summary, #page-mod-quiz-startattempt, [id^='page-enrol-'], [id^='page-login-']",
    ".notloggedin, .pagelayout-secure, .pagelayout-embedded, .pagelayout-popup, .pagelayout-print",
    ".pagelayout-login, .pagelayout-maintenance, .pagelayout-redirect, .pagelayout-frametop",
  ].join();
  const STYLE = `
    :host { all: initial; font: 400 1rem/1.5 system-ui, sans-serif; }
    * { box-sizing: border-box; }
    button { border: 0; padding: 0; font: inherit; cursor: pointer; display: grid; place-items: center; }
    button:focus-visible { outline: 3px solid; outline-offset: 2px; }
    svg { inline-size: 60%; block-size: 60%; fill: currentColor; }
    .open {
      position: fixed; z-index: 1020; inset-block-end: 8.5rem; inset-inline-end: 1.5rem; inline-size: 3.5rem;
      block-size: 3.5rem; border-radius: 50%; color: var(--text); background: var(--colour); overflow: hidden;
      border: 2px solid #fff; box-shadow: 0 2px 8px rgb(0 0 0 / .35);
    }
    .open:focus-visible { outline-color: #000; box-shadow: 0 0 0 2px #fff; }
    .open img { inline-size: 100%; block-size: 100%; object-fit: cover; }
    .drawer {
      position: fixed; z-index: 1045; inset-block: 0; inset-inline-end: 0; inline-size: min(28rem, 100vw); display: flex;
      flex-direction: column; background: #fff; color: #1d2125; border-inline-start: 1px solid #8f959e;
      box-shadow: 0 0 1rem rgb(0 0 0 / .3);
    }
    .drawer[hidden] { display: none; }
    header { display: flex; align-items: center; gap: .5rem; padding: .25rem .75rem; color: var(--text); background: var(--colour); }
    header span { flex: 1; font-weight: 600; overflow-wrap: anywhere; }
    .close { inline-size: 2.5rem; block-size: 2.5rem; color: inherit; background: none; border-radius: .25rem; }
    iframe { flex: 1; inline-size: 100%; border: 0; background: #fff; }
    @media (max-width: 30rem) { .drawer { inline-size: 100vw; border: 0; } }
    @media (forced-colors: active) { button, .drawer { border: 1px solid; } }
    @media print { :host { display: none; } }
    @media (prefers-reduced-motion: no-preference) {
      .drawer { animation: arrive .15s ease-out; }
      @keyframes arrive { from { opacity: 0; translate: 0 1rem; } }
    }`;
  const BUBBLE = "M4 3h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-8l-6 5v-5H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z";
  const CROSS = "M6 4.6 12 10.6 18 4.6 19.4 6 13.4 12 19.4 18 18 19.4 12 13.4 6 19.4 4.6 18 10.6 12 4.6 6z";

  async function begin() {
    const moodle = window.M?.cfg;
    const course = Number(moodle?.courseId);
    if (!course || course === (moodle.siteId ?? 1) || document.body.matches(NOWHERE)) return;
    const address = new URL(`${script.dataset.platform}/${course}`, script.src);
    address.searchParams.set("lang", document.documentElement.lang);
    const answer = await fetch(address, { credentials: "omit", referrerPolicy: "no-referrer" }).catch(() => null);
    if (!answer?.ok) return;
    const tutor = await answer.json();
    const page = Number(/(?:^|\s)cmid-(\d+)/.exec(document.body.className)?.[1]) || null;
    if (page !== tutor.cmid) new Button(tutor, page, `${moodle.wwwroot}/mod/lti/launch.php?id=${tutor.cmid}&triggerview=0`);
  }

  function make(name, values = {}, children = []) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  function picture(path) {
    const [drawing, line] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
    drawing.setAttribute("viewBox", "0 0 24 24");
    drawing.setAttribute("aria-hidden", "true");
    line.setAttribute("d", path);
    drawing.append(line);
    return drawing;
  }

  class Button {
    constructor(tutor, page, launch) {
      this.tutor = tutor;
      this.page = page;
      this.launch = launch;
      this.frame = null;
      this.covers = matchMedia("(max-width: 30rem)");
      this.host = make("lectern-button", { lang: document.documentElement.lang, dir: getComputedStyle(document.documentElement).direction });
      this.draw(this.host.attachShadow({ mode: "open" }));
      this.opener.addEventListener("click", () => (this.drawer.hidden ? this.open() : this.close()));
      this.closer.addEventListener("click", () => this.close());
      document.addEventListener("keydown", (event) => this.pressed(event));
      this.covers.addEventListener("change", () => this.settle());
      window.addEventListener("message", (event) => this.heard(event));
      document.body.append(this.host);
    }

    draw(root) {
      const { title, colour, text, avatar, words } = this.tutor;
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
      this.host.style.setProperty("--colour", colour);
      this.host.style.setProperty("--text", text);
      const face = avatar ? make("img", { src: avatar, alt: "" }) : picture(BUBBLE);
      this.opener = make("button", { type: "button", class: "open", "aria-label": words.open, title: words.open, "aria-expanded": "false", "aria-controls": "drawer" }, [face]);
      this.closer = make("button", { type: "button", class: "close", "aria-label": words.close, title: words.close }, [picture(CROSS)]);
      const name = make("span", {}, [title]);
      this.drawer = make("div", { class: "drawer", id: "drawer", role: "dialog", "aria-label": title, hidden: "" }, [make("header", {}, [name, this.closer])]);
      root.append(make("section", { "aria-label": title }, [this.opener, this.drawer]));
    }

    open() {
      if (!this.frame) {
        // The first page in the frame is Moodle's, the next one the tool's: what it may use is given to the tool by name.
        const allow = `microphone ${tool}; clipboard-write ${tool}`;
        this.frame = make("iframe", { title: this.tutor.title, allow, src: this.launch });
        this.drawer.append(this.frame);
      }
      this.drawer.hidden = false;
      this.settle();
      this.closer.focus();
    }

    close() {
      this.drawer.hidden = true;
      this.settle();
      this.opener.focus();
    }

    settle() {
      const isOpen = !this.drawer.hidden;
      const coversAll = isOpen && this.covers.matches;
      this.opener.setAttribute("aria-expanded", isOpen);
      this.opener.style.visibility = coversAll ? "hidden" : "";
      this.drawer.setAttribute("aria-modal", coversAll);
      for (const other of document.body.children) if (other !== this.host) other.inert = coversAll;
    }

    pressed(event) {
      const elsewhere = event.target !== this.host && event.target.closest?.('[role="dialog"], [role="menu"], .modal');
      if (event.key === "Escape" && !event.defaultPrevented && !this.drawer.hidden && !elsewhere) this.close();
    }

    // The tool's page says that it is there, and is told which page of the course is open around it.
    heard({ source, origin, data }) {
      if (!this.frame || source !== this.frame.contentWindow || origin !== tool) return;
      if (data?.type === "lectern.ready") source.postMessage({ type: "lectern.page", cmid: this.page }, tool);
      if (data?.type === "lectern.close" && !this.drawer.hidden) this.close();
    }
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
