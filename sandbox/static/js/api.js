// Calls to the scripting door. Every refusal becomes an Error whose message is the sandbox's own sentence.
export const call = async (method, path, body, signal) => {
  const answer = await fetch(path, {
    method,
    signal,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  const data = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(data.error ? data.error.message : `HTTP ${answer.status}`), { status: answer.status });
  return data;
};

export const get = (path, signal) => call("GET", path, undefined, signal);
export const post = (path, body) => call("POST", path, body);
