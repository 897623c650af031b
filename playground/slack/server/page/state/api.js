// The playground's human HTTP API and its live WebSocket.

import { toast } from "../ui/toast.js";

async function request(path, options) {
  const response = await fetch(path, options);
  if (!response.ok) throw Object.assign(new Error(`${path}: HTTP ${response.status}`), { status: response.status });
  return response.json();
}

export function get(path, query = {}) {
  const text = new URLSearchParams(query).toString();
  return request(text ? `${path}?${text}` : path, {});
}

/** Sends what a person did. Problems are shown, not thrown; the answer is {} then. */
export async function send(path, body) {
  const options =
    body instanceof FormData
      ? { method: "POST", body }
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  try {
    const answer = await request(path, options);
    if (answer.ok === false) toast(`That did not work: ${answer.error ?? "unknown error"}`);
    return answer;
  } catch (error) {
    toast(error.status ? `The playground refused that (${error.status})` : "The playground cannot be reached");
    return {};
  }
}

const WAITS = [300, 600, 1200, 2500, 5000];

/** Keeps a WebSocket open for ever: onFrame for each frame, onState(true|false) when the line comes and goes. */
export function live({ onFrame, onState }) {
  let tries = 0;
  function open() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/human/live`);
    socket.addEventListener("open", () => {
      tries = 0;
      onState(true);
    });
    socket.addEventListener("message", (event) => onFrame(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      onState(false);
      setTimeout(open, WAITS[Math.min(tries++, WAITS.length - 1)]);
    });
  }
  open();
}
