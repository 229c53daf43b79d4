import { listOf, type Variables } from '../../platform/variables.js';

/** How the service reaches Meta, and the number that environment variables name. */
export interface WhatsAppConfig {
  graphUrl: string;
  apiVersion: string;
  /** The quick start for one number. Absent: all numbers are those that administrators add. */
  number?: EnvironmentNumber;
}

export interface EnvironmentNumber {
  appSecrets: string[];
  verifyToken: string;
  accessToken: string;
  phoneNumberId: string;
  /** Code of the institution; absent = the first demo institution. */
  institution?: string;
}

/** Injection token of the configuration. */
export const WHATSAPP_CONFIG = Symbol('whatsapp config');

export const WHATSAPP_VARIABLES = /^WHATSAPP_/;
const NEEDED = [
  'WHATSAPP_APP_SECRET',
  'WHATSAPP_VERIFY_TOKEN',
  'WHATSAPP_ACCESS_TOKEN',
  'WHATSAPP_PHONE_NUMBER_ID',
] as const;

export function readWhatsAppConfig(variables: Variables): WhatsAppConfig {
  const number = readNumber(variables);
  return {
    graphUrl: variables.get('WHATSAPP_GRAPH_URL') ?? 'https://graph.facebook.com',
    apiVersion: variables.get('WHATSAPP_API_VERSION') ?? 'v25.0',
    ...(number === undefined ? {} : { number }),
  };
}

/**
 * Read the number; undefined when no variable of it is given. A partial configuration or a blank secret is a
 * fault, because it would verify nothing.
 */
function readNumber(variables: Variables): EnvironmentNumber | undefined {
  const values = NEEDED.map((name) => variables.secret(name));
  if (values.every((value) => value === undefined) && !NEEDED.some((name) => variables.isGiven(name)))
    return undefined;
  NEEDED.forEach((name, index) => {
    if (!values[index]) variables.fault(`${name} is missing or blank although WhatsApp is configured.`);
  });
  const [appSecret, verifyToken = '', accessToken = '', phoneNumberId = ''] = values;
  return {
    // During a rotation there are two secrets, separated by a comma.
    appSecrets: listOf(appSecret),
    verifyToken,
    accessToken,
    phoneNumberId,
    institution: variables.get('WHATSAPP_INSTITUTION'),
  };
}
