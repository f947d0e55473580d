// Talks to the stand-in: what there is and changes, and what is done.

const token = decodeURIComponent(location.hash.slice(1));
const headers = { "X-Standin-Token": token };

// The stand-in said no: another try would not help.
export class Refused extends Error {}

async function read(response) {
  const body = await response.json();
  if (!response.ok) throw new Refused(body.problem || `The stand-in answered ${response.status}.`);
  return body;
}

export const act = (me, deed) => post("act", me, deed);
export const actBeside = (me, deed) => post("beside", me, deed);

async function post(where, me, deed) {
  try {
    return await read(
      await fetch(`/page/${where}?as=${encodeURIComponent(me)}`, {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body: JSON.stringify(deed),
      }),
    );
  } catch (error) {
    return { ok: false, problem: error.message };
  }
}

// Calls `changed` with the whole and then each change, until `signal` aborts or the line breaks.
export const changes = (me, signal, changed) => lines("changes", me, signal, changed);
export const changesBeside = (me, signal, changed) => lines("beside", me, signal, changed);

async function lines(where, me, signal, changed) {
  const response = await fetch(`/page/${where}?as=${encodeURIComponent(me)}`, { headers, signal });
  if (!response.ok) await read(response);
  if (response.status === 204) throw new Refused("There is nothing of that here.");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    lines.filter(Boolean).forEach((line) => changed(JSON.parse(line)));
  }
}

export async function download(me, file) {
  const response = await fetch(`/page/files/${encodeURIComponent(file.id)}?as=${encodeURIComponent(me)}`, { headers });
  const url = URL.createObjectURL(await response.blob());
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = file.name;
  anchor.click();
  URL.revokeObjectURL(url);
}
