// The playground's control interface. Everything is JSON, and of this origin.

export class Refused extends Error {
  constructor(status, body) {
    super(body.message || body.error || `HTTP ${status}`);
    this.status = status;
    this.code = body.code || body.error || String(status);
  }
}

async function answered(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, body);
  return body;
}

export const get = async (path) => answered(await fetch(`/playground${path}`));

export const post = async (path, body = {}) => answered(await fetch(`/playground${path}`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
}));
