// The line to the server: a socket that comes back with the last number it saw, or, where sockets are blocked, asking
// again and again. A question is sent until it is accepted; its key lets the server store it once.
const EXPIRED = 4401;
const PATIENCE = 2;
const LONGEST_PAUSE = 15000;
const POLL_EVERY = 1000;
// Follow-up questions come after the end.
const LAST = new Set(["done", "error", "suggestions"]);

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Line {
  constructor(address, token, onEvent, onState) {
    // The server may know itself by another name than the browser does (a proxy): only the path counts.
    this.path = new URL(address, location.href).pathname;
    this.base = this.path.replace(/socket$/, "");
    this.token = token;
    this.onEvent = onEvent;
    this.onState = onState;
    this.unaccepted = new Map();
    this.open = new Map();
    this.failures = 0;
    this.polls = false;
    this.socket = null;
  }

  // `question` has the text and, where it asks an earlier turn again, that turn as `replaces`.
  ask(key, question) {
    this.unaccepted.set(key, question);
    if (this.polls) this.post(key, question);
    else this.sendOrConnect({ type: "ask", key, ...question });
  }

  follow(turn, after) {
    this.open.set(turn, after);
    if (this.polls) this.poll(turn);
    else this.sendOrConnect({ type: "follow", turn, after });
  }

  // Whether the socket took it; if not, the form does it by itself.
  can(type, turn) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    if (type === "retry") this.open.set(turn, this.open.get(turn) ?? 0);
    this.socket.send(JSON.stringify({ type, turn }));
    return true;
  }

  sendOrConnect(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
    else if (!this.socket) this.connect();
  }

  connect() {
    const address = new URL(this.path, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.socket = new WebSocket(address);
    this.socket.addEventListener("open", () => this.opened());
    this.socket.addEventListener("message", (message) => this.received(JSON.parse(message.data)));
    this.socket.addEventListener("close", (event) => this.closed(event.code));
  }

  opened() {
    this.failures = 0;
    for (const [turn, after] of this.open) this.socket.send(JSON.stringify({ type: "follow", turn, after }));
    for (const [key, question] of this.unaccepted) this.socket.send(JSON.stringify({ type: "ask", key, ...question }));
  }

  received(event) {
    if (event.type === "accepted" || event.type === "refused") this.unaccepted.delete(event.key);
    if (event.type === "refused") this.open.delete(event.turn);
    else if (LAST.has(event.type)) this.open.delete(event.turn);
    else this.open.set(event.turn, Math.max(event.seq, this.open.get(event.turn) ?? 0));
    this.onEvent(event);
  }

  async closed(code) {
    this.socket = null;
    if (code === EXPIRED) {
      this.unaccepted.clear();
      return this.onState("expired");
    }
    if (!this.open.size && !this.unaccepted.size) return undefined;
    this.failures += 1;
    if (this.failures > PATIENCE) return this.startPolling();
    this.onState("lost");
    await pause(Math.min(LONGEST_PAUSE, 250 * 2 ** this.failures) * (0.5 + Math.random()));
    if (!this.socket) this.connect();
    return undefined;
  }

  startPolling() {
    this.polls = true;
    for (const [key, question] of this.unaccepted) this.post(key, question);
    for (const turn of this.open.keys()) this.poll(turn);
  }

  async post(key, question) {
    const body = new URLSearchParams({ key, text: question.text, csrf_token: this.token });
    for (const id of question.attachments ?? []) body.append("attachment", id);
    if (question.page) body.append("page", question.page);
    const path = question.replaces ? `turns/${question.replaces}/again` : "questions";
    try {
      const response = await fetch(`${this.base}${path}`, { method: "POST", body, headers: { Accept: "application/json" } });
      const answer = await response.json();
      if (!response.ok) return this.received({ type: "refused", key, text: answer.message });
      this.unaccepted.delete(key);
      answer.events.forEach((event) => this.received(event));
      return this.poll(answer.turn);
    } catch {
      this.unaccepted.delete(key);
      return this.onState("not-sent");
    }
  }

  async poll(turn) {
    for (let failures = 0; this.open.has(turn); ) {
      try {
        const address = `${this.base}turns/${turn}/frames?after=${this.open.get(turn)}`;
        const response = await fetch(address, { headers: { Accept: "application/json" } });
        if (response.status >= 500) throw new Error("The server is away for a moment.");
        const answer = await response.json();
        if (!response.ok) return this.received({ type: "refused", turn, text: answer.message });
        answer.events.forEach((event) => this.received(event));
        failures = 0;
      } catch {
        failures += 1;
        this.onState("lost");
      }
      await pause(Math.min(LONGEST_PAUSE, POLL_EVERY * 2 ** failures));
    }
    return undefined;
  }
}
