import { S3Client } from '@aws-sdk/client-s3';
import { errorCode } from '../error-code.js';
import { NoRoom, StoreFailed } from './object-store.js';

export interface BucketSettings {
  kind: 'bucket';
  bucket: string;
  /** URL of the service. Absent = AWS, by the region. */
  endpoint?: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Whether the bucket stands in the path of the URL, and not in the name of its host. */
  pathStyle: boolean;
  /** What all names begin with: empty, or it ends in `/`. */
  prefix: string;
}

/** Milliseconds for a connection. The second packet for it goes out after one second. */
const CONNECT_TIMEOUT = 3_000;
/** One try and two more. With the time for a connection: a service that is away fails within 10 seconds. */
const TRIES = 3;
/** Milliseconds for a request with all its tries, where its body needs none. */
const REQUEST_TIMEOUT = 10_000;

/** What services say when they have no room: AWS, Ceph and others, MinIO. */
const NO_ROOM = new Set([
  ...['EntityTooLarge', 'InsufficientStorage', 'QuotaExceeded'],
  ...['XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded'],
]);

type Options = { abortSignal: AbortSignal };

/** Speaks to a service with the interface of S3. Every request has an end, and every error is a clean one. */
export class S3Service {
  private readonly client: S3Client;

  constructor(settings: BucketSettings) {
    const { accessKeyId, secretAccessKey } = settings;
    this.client = new S3Client({
      ...NOTHING_FROM_ELSEWHERE,
      region: settings.region,
      sigv4aSigningRegionSet: [settings.region],
      credentials: { accessKeyId, secretAccessKey },
      endpoint: settings.endpoint,
      forcePathStyle: settings.pathStyle,
      maxAttempts: TRIES,
      retryMode: 'standard',
      // Newer checksums break older services. Requests are signed with the digest of their body anyway, and
      // our frames are authenticated.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      // It would open a connection for each part.
      expectContinueHeader: false,
      requestHandler: {
        connectionTimeout: CONNECT_TIMEOUT,
        // A reader may be slow. `request` and `read` watch over the time.
        socketTimeout: 0,
        // It would tell the console.
        logger: SILENT,
      },
      logger: SILENT,
    });
  }

  /**
   * Sends a request, with all its tries.
   * @param more milliseconds for the body
   * @throws NoRoom, StoreFailed
   */
  async request<T>(send: (client: S3Client, options: Options) => Promise<T>, more = 0): Promise<T> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), REQUEST_TIMEOUT + more);
    try {
      return await send(this.client, { abortSignal: late.signal });
    } catch (error) {
      throw cleaned(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

const nothing = (): void => undefined;
const SILENT = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Without these the library looks into the environment and into files of the home folder. */
const NOTHING_FROM_ELSEWHERE = {
  defaultsMode: 'standard' as const,
  authSchemePreference: ['sigv4'],
  disableClockSkewCorrection: false,
  disableS3ExpressSessionAuth: true,
  ignoreConfiguredEndpointUrls: true,
  useArnRegion: false,
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  userAgentAppId: () => Promise.resolve(undefined),
};

/**
 * Makes an error that may be logged. The library's own hold the whole answer, with names and addresses.
 * Looks at the shape and not the class, as `errorCode` does.
 */
export function cleaned(error: unknown): NoRoom | StoreFailed {
  const { name, Code, $metadata } = error as { name?: unknown; Code?: unknown; $metadata?: Metadata };
  const status = $metadata?.httpStatusCode;
  const code = [errorCode(error), Code, name].find(isWord) ?? 'Error';
  return NO_ROOM.has(code) || status === 507 ? new NoRoom() : new StoreFailed(code, status);
}

interface Metadata {
  httpStatusCode?: number;
}

/** A code is one word. A service that puts something else there is not quoted. */
function isWord(code: unknown): code is string {
  return typeof code === 'string' && /^\w{1,50}$/.test(code);
}

/** Tells whether the service refused a request with one of these codes or statuses. */
export function isFailure(error: unknown, ...what: (string | number)[]): error is StoreFailed {
  if (!(error instanceof StoreFailed)) return false;
  return what.includes(error.code) || (error.status !== undefined && what.includes(error.status));
}
