import {
  readWhatsAppConfig,
  WHATSAPP_VARIABLES,
  type WhatsAppConfig,
} from '../doors/whatsapp/whatsapp.config.js';
import { PLATFORM_VARIABLES, readConfig, type Config } from '../platform/config.js';
import { loadSecrets, type Environment } from '../platform/secrets.js';
import { Variables } from '../platform/variables.js';
import type { ClamdAddress } from '../work/evidence/antivirus/clamd-connection.js';
import {
  EVIDENCE_VARIABLES,
  readClamdAddress,
  readEvidenceConfig,
  type EvidenceLimits,
} from '../work/evidence/evidence.config.js';

/** The configuration of the program: the platform's part and the part of each feature. */
export interface AppConfig extends Config {
  whatsapp: WhatsAppConfig;
  evidence: EvidenceLimits;
  /** Where the antivirus listens. Absent: there is none. */
  clamd?: ClamdAddress;
}

const OURS = new RegExp(
  [PLATFORM_VARIABLES, WHATSAPP_VARIABLES, EVIDENCE_VARIABLES].map(({ source }) => source).join('|'),
);

/**
 * Read the environment once.
 * @param worksJobs the process works the job queue, which needs a login of its own
 * @throws StartError with one line per fault, joined by newlines
 */
export function loadConfig(given: Environment, worksJobs = false): AppConfig {
  const variables = new Variables(given);
  variables.checkEncoding(OURS);
  const platform = readConfig(variables, worksJobs);
  const whatsapp = readWhatsAppConfig(variables);
  const evidence = readEvidenceConfig(variables);
  const clamd = readClamdAddress(variables);
  // Load the secrets last. Outside of production they are made in DATA_DIR, and a refused start must leave no
  // files.
  const { production, dataDir } = platform;
  const { env, refused, fault } = variables;
  const secrets = loadSecrets(env, { production, dataDir, refused }, fault);
  variables.assertGood();
  return { ...platform, secrets: secrets!, whatsapp, evidence, clamd };
}
