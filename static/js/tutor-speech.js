// Speaking instead of typing, and hearing an answer. A recording goes to the tool's own model where there is one;
// else the browser's recognition listens. What was understood stands in the field and is sent by its person alone.
const LONGEST = 120000;
const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
const canRecord = Boolean(window.MediaRecorder && navigator.mediaDevices?.getUserMedia);

export class Microphone {
  constructor(form, address, token, texts, tell) {
    this.button = form?.querySelector('[data-part="microphone"]');
    if (!this.button) return;
    this.field = form.elements.text;
    Object.assign(this, { address, token, texts, tell, stop: null });
    const records = canRecord && "transcribes" in this.button.dataset;
    if (!records && !Recognition) return;
    this.begin = records ? () => this.record() : () => this.recognise();
    this.button.hidden = false;
    this.button.addEventListener("click", () => (this.stop ? this.stop() : this.begin()));
  }

  listening(stop) {
    this.stop = stop;
    this.button.setAttribute("aria-pressed", Boolean(stop));
    this.tell(stop ? this.texts.textListening : "");
  }

  write(text) {
    const before = this.field.value.trim();
    this.field.value = [before, text.trim()].filter(Boolean).join(" ").slice(0, this.field.maxLength);
    this.field.focus();
  }

  recognise() {
    const recognition = new Recognition();
    recognition.lang = document.documentElement.lang;
    recognition.continuous = true;
    recognition.addEventListener("result", (event) => {
      for (const result of [...event.results].slice(event.resultIndex)) if (result.isFinal) this.write(result[0].transcript);
    });
    // The end comes after an error too, and must not wipe away what it says.
    recognition.addEventListener("error", () => {
      this.listening(null);
      this.tell(this.texts.textNotHeard);
    });
    recognition.addEventListener("end", () => this.stop && this.listening(null));
    this.listening(() => recognition.stop());
    recognition.start();
  }

  async record() {
    // While the browser asks whether it may: pressed twice, it would listen twice, and be stopped once.
    this.stop = () => undefined;
    try {
      const source = await navigator.mediaDevices.getUserMedia({ audio: true });
      const recorder = new MediaRecorder(source);
      const pieces = [];
      const timer = setTimeout(() => recorder.stop(), LONGEST);
      recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
      recorder.addEventListener("stop", () => {
        clearTimeout(timer);
        for (const track of source.getTracks()) track.stop();
        this.listening(null);
        this.transcribe(new Blob(pieces, { type: recorder.mimeType }));
      });
      recorder.start();
      this.listening(() => recorder.stop());
    } catch {
      this.listening(null);
      this.tell(this.texts.textNotHeard);
    }
  }

  async transcribe(recording) {
    this.button.disabled = true;
    this.tell(this.texts.textTranscribing);
    const body = new FormData();
    body.append("audio", recording, "question");
    body.append("csrf_token", this.token);
    try {
      const response = await fetch(this.address, { method: "POST", body, headers: { Accept: "application/json" } });
      const answer = await response.json();
      if (response.ok) this.write(answer.text);
      this.tell(response.ok ? "" : answer.message, answer.left_today);
    } catch {
      this.tell(this.texts.textNotHeard);
    }
    this.button.disabled = false;
  }
}

// Read-aloud buttons, where the browser has a voice.
export function offerReading(root) {
  if (!window.speechSynthesis) return;
  for (const button of root.querySelectorAll('[data-part="read-aloud"]')) {
    button.hidden = !button.closest("li").querySelector('[data-part="blocks"]').textContent.trim();
  }
}

export function listenToReading(root) {
  offerReading(root);
  root.addEventListener("click", (event) => {
    const button = event.target.closest('[data-part="read-aloud"]');
    if (button) read(button);
  });
}

function read(button) {
  const wasReading = button.getAttribute("aria-pressed") === "true";
  speechSynthesis.cancel();
  for (const other of document.querySelectorAll('[data-part="read-aloud"]')) other.setAttribute("aria-pressed", "false");
  if (wasReading) return;
  const text = button.closest("li").querySelector('[data-part="blocks"]').cloneNode(true);
  for (const part of text.querySelectorAll("button, pre, a.citation")) part.remove();
  const utterance = new SpeechSynthesisUtterance(text.textContent);
  utterance.lang = document.documentElement.lang;
  utterance.addEventListener("end", () => button.setAttribute("aria-pressed", "false"));
  button.setAttribute("aria-pressed", "true");
  speechSynthesis.speak(utterance);
}
