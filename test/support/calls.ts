/**
 * A request whose answer is read to its end. One that nobody reads keeps its connection open, and the
 * connection keeps the process of the tests from ending.
 */
export async function fetched(url: string | URL, init?: RequestInit): Promise<Response> {
  const answer = await fetch(url, init);
  const body = await answer.arrayBuffer();
  return new Response(body.byteLength > 0 ? body : null, { status: answer.status, headers: answer.headers });
}

/** A JSON request to a real process. */
export async function call(
  method: string,
  url: string,
  body?: unknown,
  token?: string,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

export function signIn(
  url: string,
  email: string,
  password: string,
): Promise<{ status: number; body: unknown }> {
  return call('POST', `${url}/api/v1/auth/sessions`, { email, password });
}
