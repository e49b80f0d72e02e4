// The boxes of the tutorial's page: each has one WebSocket, a log of received messages, and a form to send them.

const MAX_LINES = 200;

for (const box of document.querySelectorAll(".box")) setUp(box);

function setUp(box) {
  const title = box.querySelector("h2");
  const head = make("div", { className: "head" });
  const state = make("span", { className: "state", textContent: "not connected" });
  state.setAttribute("role", "status");
  title.replaceWith(head);
  head.append(title, make("span", { className: "lesson", textContent: `Lesson ${box.dataset.lesson}` }), state);

  const controls = make("form");
  const room = "room" in box.dataset ? field("Room name", "general") : undefined;
  const button = make("button", { type: "submit", textContent: "Connect" });
  controls.append(...(room === undefined ? [] : [room]), button);

  const log = make("ol", { className: "log" });
  log.setAttribute("role", "log");
  log.setAttribute("aria-label", `${title.textContent}: received messages`);
  log.tabIndex = 0;

  const sendForm = make("form");
  const kind = "jobs" in box.dataset ? choice() : undefined;
  const text = field("jobs" in box.dataset ? "Text to process" : "Message", "");
  const send = make("button", { type: "submit", textContent: "Send", disabled: true });
  sendForm.append(...(kind === undefined ? [] : [kind]), text, send);
  box.append(controls, log, sendForm);

  let socket;

  const show = (line) => {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 8;
    log.append(make("li", { textContent: line }));
    while (log.children.length > MAX_LINES) log.firstElementChild.remove();
    if (atEnd) log.scrollTop = log.scrollHeight;
  };

  const showState = (label, { isOpen }) => {
    state.textContent = label;
    state.dataset.open = String(isOpen);
    button.textContent = isOpen ? "Disconnect" : "Connect";
    send.disabled = !isOpen;
    if (room !== undefined) room.disabled = isOpen;
  };

  controls.addEventListener("submit", (event) => {
    event.preventDefault();
    if (socket !== undefined) return socket.close(1000);
    const name = room?.value ?? "";
    if (room !== undefined && name === "") return room.focus();
    const address = new URL(box.dataset.path + encodeURIComponent(name), location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(address);
    showState("connecting…", { isOpen: false });
    button.textContent = "Cancel";
    socket.addEventListener("open", () => {
      showState("connected", { isOpen: true });
      text.focus();
    });
    socket.addEventListener("message", ({ data }) => show(readable(data)));
    socket.addEventListener("close", ({ code }) => {
      socket = undefined;
      showState(code === 1000 ? "not connected" : `closed (${code})`, { isOpen: false });
    });
  });

  sendForm.addEventListener("submit", (event) => {
    event.preventDefault();
    if (text.value === "" || socket?.readyState !== WebSocket.OPEN) return;
    if (kind !== undefined) socket.send(JSON.stringify({ type: kind.value, content: text.value, progress: true }));
    else if ("json" in box.dataset) socket.send(JSON.stringify({ message: text.value }));
    else socket.send(text.value);
    text.value = "";
  });

  // Every box connects at once, except that of the rooms, where the user chooses one first.
  if (room === undefined) controls.requestSubmit();
}

/** Returns the text of a frame: JSON frames carry it in `message`. */
function readable(data) {
  if (!data.startsWith("{")) return data;
  try {
    const content = JSON.parse(data);
    if (content.status === "progress") return `⚙️ ${content.done} of ${content.total}`;
    return typeof content.message === "string" ? content.message : data;
  } catch {
    return data;
  }
}

function field(label, value) {
  const input = make("input", { value, placeholder: label });
  input.setAttribute("aria-label", label);
  input.autocomplete = "off";
  return input;
}

function choice() {
  const select = make("select");
  select.setAttribute("aria-label", "Kind of job");
  for (const kind of ["default", "translate", "analyze", "generate"]) {
    select.append(make("option", { value: kind, textContent: kind }));
  }
  return select;
}

function make(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}
