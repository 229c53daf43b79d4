import type { Acquaintance } from './acquaintances.js';
import { numberOf, type Call, type Reply, type Route } from './graph-server.js';
import type { Json } from './http.js';
import { BSUID } from './message-schema.js';
import type { Account } from './numbers.js';
import { isAddressOf } from './people.js';
import type { World } from './world.js';

const DAILY = ['verified_name', 'display_phone_number', 'quality_rating'] as const;

/** `GET /{phone-number-id}[?fields=…]` */
const number: Route = (call, world) => {
  if (call.path.length !== 1 || call.method !== 'GET') return undefined;
  const account = numberOf(call, world);
  if (!account) return undefined;
  const known: Json = {
    verified_name: account.name,
    display_phone_number: `+${account.displayPhoneNumber}`,
    quality_rating: 'GREEN',
    throughput: { level: 'STANDARD' },
    code_verification_status: 'VERIFIED',
    name_status: 'APPROVED',
    platform_type: 'CLOUD_API',
    messaging_limit_tier: 'TIER_1K',
  };
  const asked = call.query.get('fields')?.split(',') ?? DAILY;
  const strange = asked.find((field) => field !== 'id' && !Object.hasOwn(known, field));
  if (strange !== undefined)
    return { error: { code: 100, details: `Tried accessing nonexisting field (${strange})` } };
  const fields = asked.filter((field) => field !== 'id').map((field) => [field, known[field]]);
  return { body: { ...(Object.fromEntries(fields) as Json), id: account.phoneNumberId } };
};

/** `DELETE /{phone-number-id}/contact_book?messaging_product=whatsapp&bsuid=…` */
const contactBook: Route = (call, world) => {
  if (call.path[1] !== 'contact_book' || call.method !== 'DELETE' || !numberOf(call, world)) return undefined;
  const bsuid = call.query.get('bsuid') ?? '';
  if (call.query.get('messaging_product') !== 'whatsapp' || !new RegExp(BSUID).test(bsuid))
    return { error: { code: 100, details: 'messaging_product and bsuid are required' } };
  world.people.forgetContact(bsuid);
  return { body: { success: true } };
};

/** `GET`, `POST` and `DELETE /{phone-number-id}/block_users` */
const blockUsers: Route = (call, world) => {
  const account = numberOf(call, world);
  if (call.path[1] !== 'block_users' || !account) return undefined;
  if (call.method === 'GET') {
    const data = world.people
      .blockedBy(account)
      .map(({ person }) => ({ messaging_product: 'whatsapp', wa_id: person.phone }));
    return { body: { data, paging: { cursors: { before: 'before', after: 'after' } } } };
  }
  const departure = world.schema.check('BlockUsersRequest', call.body);
  const users = (call.body.block_users ?? []) as { user?: string }[];
  if (departure || call.body.messaging_product !== 'whatsapp' || users.length === 0)
    return { error: { code: 100, details: departure?.details ?? 'block_users is required' } };
  return changeBlocks(call.method === 'POST', users, account, world);
};

/** Only people who wrote within 24 hours can be blocked. What fails is told for each of them. */
function changeBlocks(blocks: boolean, users: { user?: string }[], account: Account, world: World): Reply {
  const done: Json[] = [];
  const failed: Json[] = [];
  for (const { user: input = '' } of users) {
    const known = world.people.list.find((one) => isMeant(input, one));
    if (!known || (blocks && !world.people.isOpen(account, `+${known.person.phone}`))) {
      const why = { details: 'The person has not written in the last 24 hours' };
      const error = { message: 'Re-engagement required', code: 131047, error_data: why };
      failed.push({ input, ...(known && { wa_id: known.person.phone }), errors: [error] });
      continue;
    }
    if (blocks) world.people.block(account, known);
    else world.people.unblock(account, known);
    done.push({ input, wa_id: known.person.phone });
  }
  const result = { [blocks ? 'added_users' : 'removed_users']: done };
  if (failed.length === 0) return { body: { messaging_product: 'whatsapp', block_users: result } };
  return {
    status: 400,
    body: {
      messaging_product: 'whatsapp',
      block_users: { ...result, failed_users: failed },
      error: {
        message: '(#139100) Failed to block/unblock users',
        type: 'OAuthException',
        code: 139100,
        error_data: { details: 'Failed to block some users, see the block_users response list for details' },
        fbtrace_id: world.dice.trace(),
      },
    },
  };
}

function isMeant(input: string, { person }: Acquaintance): boolean {
  return isAddressOf(/^\d/.test(input) ? `+${input}` : input, person);
}

/** `GET`, `POST` and `DELETE /{waba}/subscribed_apps`: where the webhooks of an account go. */
const subscribedApps: Route = async (call, world) => {
  const account = world.accounts.byAccount(call.path[0]);
  if (call.path[1] !== 'subscribed_apps' || account !== call.account) return undefined;
  const app = { whatsapp_business_api_data: { id: '300000000000001', name: 'Stand-in', link: world.url } };
  if (call.method === 'GET') return { body: { data: account.subscribed ? [app] : [] } };
  if (call.method === 'DELETE') {
    account.subscribed = false;
    return { body: { success: true } };
  }
  const departure = world.schema.check('SubscriptionRequest', call.body);
  if (departure) return { error: departure };
  return subscribe(call, account, app, world);
};

async function subscribe(call: Call, account: Account, app: Json, world: World): Promise<Reply> {
  const { override_callback_uri: url, verify_token: token } = call.body as Record<string, string | undefined>;
  if (url !== undefined) {
    const fault = await world.subscribe(account, url, token ?? '');
    if (fault !== undefined) return { error: { code: 2200, details: fault } };
  }
  account.subscribed = true;
  return { body: url === undefined ? { success: true } : { data: [{ override_callback_uri: url, ...app }] } };
}

export const accountRoutes: readonly Route[] = [number, contactBook, blockUsers, subscribedApps];
