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

export function signIn(url: string, email: string, password: string): Promise<{ status: number; body: unknown }> {
  return call('POST', `${url}/api/v1/auth/sessions`, { email, password });
}
