// Calls to the scripting door. Every refusal becomes an Error whose message is the sandbox's own sentence.
const answerOf = async (answer) => {
  const data = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(data.error ? data.error.message : `HTTP ${answer.status}`), { status: answer.status });
  return data;
};

export const call = async (method, path, body, signal) => {
  const answer = await fetch(path, {
    method,
    signal,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  return answerOf(answer);
};

// The same with a file: the fields of the body become those of a form.
export const upload = async (path, body, file) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) form.append(name, value);
  form.append("media", file, file.name);
  return answerOf(await fetch(path, { method: "POST", body: form }));
};

export const get = (path, signal) => call("GET", path, undefined, signal);
export const post = (path, body) => call("POST", path, body);
