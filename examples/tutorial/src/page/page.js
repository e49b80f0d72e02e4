// The boxes of the tutorial's page: each is one WebSocket, a log of what came, and a form for what is sent.

const kept = 200;

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
  log.setAttribute("aria-label", `${title.textContent}: what came`);
  log.tabIndex = 0;

  const sending = make("form");
  const kind = "jobs" in box.dataset ? choice() : undefined;
  const text = field("jobs" in box.dataset ? "Text to work on" : "Message", "");
  const send = make("button", { type: "submit", textContent: "Send", disabled: true });
  sending.append(...(kind === undefined ? [] : [kind]), text, send);
  box.append(controls, log, sending);

  let socket;

  const show = (line) => {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 8;
    log.append(make("li", { textContent: line }));
    while (log.children.length > kept) log.firstElementChild.remove();
    if (atEnd) log.scrollTop = log.scrollHeight;
  };

  const tell = (open, words) => {
    state.textContent = words;
    state.dataset.open = String(open);
    button.textContent = open ? "Disconnect" : "Connect";
    send.disabled = !open;
    if (room !== undefined) room.disabled = open;
  };

  controls.addEventListener("submit", (event) => {
    event.preventDefault();
    if (socket !== undefined) return socket.close(1000);
    const name = room?.value ?? "";
    if (room !== undefined && name === "") return room.focus();
    const address = new URL(box.dataset.path + encodeURIComponent(name), location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(address);
    tell(false, "connecting…");
    button.textContent = "Cancel";
    socket.addEventListener("open", () => {
      tell(true, "connected");
      text.focus();
    });
    socket.addEventListener("message", ({ data }) => show(readable(data)));
    socket.addEventListener("close", ({ code }) => {
      socket = undefined;
      tell(false, code === 1000 ? "not connected" : `closed (${code})`);
    });
  });

  sending.addEventListener("submit", (event) => {
    event.preventDefault();
    if (text.value === "" || socket?.readyState !== WebSocket.OPEN) return;
    if (kind !== undefined) socket.send(JSON.stringify({ type: kind.value, content: text.value, progress: true }));
    else if ("json" in box.dataset) socket.send(JSON.stringify({ message: text.value }));
    else socket.send(text.value);
    text.value = "";
  });

  // All but the rooms are there at once; which room, the reader says.
  if (room === undefined) controls.requestSubmit();
}

/** What a frame says: JSON frames carry their sentence in `message`. */
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
