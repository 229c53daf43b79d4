import { Module } from '@nestjs/common';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../platform/config.js';
import { CONFIG } from '../../platform/platform.module.js';
import { Spool, SPOOL } from '../../platform/storage/spool.js';
import { IdentityModule } from '../../foundations/identity/identity.module.js';
import { CatalogsModule } from '../../foundations/catalogs/catalogs.module.js';
import { CasesModule } from '../cases/cases.module.js';
import { ClamdScanner } from './antivirus/clamd-scanner.js';
import type { ClamdAddress } from './antivirus/clamd-connection.js';
import { SCANNER, type Scanner } from './antivirus/scanner.js';
import { CaseFiles } from './case-files.js';
import { Converters } from './converters.js';
import { Custody } from './custody.js';
import { EvidenceLimits } from './evidence.config.js';
import { EvidenceController } from './evidence.controller.js';
import { EvidenceReader } from './evidence.reader.js';
import { MarkedCopies } from './marked-copy.js';
import { Openings } from './openings.js';
import { PrepareEvidence } from './prepare-evidence.js';
import { ReceiveEvidence } from './receive-evidence.js';
import { Transcripts } from './transcripts.js';
import { OriginalsController } from './originals.controller.js';
import { Originals } from './originals.js';
import { RemoveRemains } from './remove-remains.js';
import { EndUploads } from './uploads/end-uploads.js';
import { Uploads } from './uploads/uploads.js';

const LIMITS = {
  provide: EvidenceLimits,
  inject: [CONFIG],
  useFactory: ({ evidence }: { evidence: EvidenceLimits }): EvidenceLimits => evidence,
};

/**
 * Without an antivirus files go straight to the converters. The safe copy protects by itself: it is made anew
 * in a cage, and only it is ever opened.
 */
const ANTIVIRUS = {
  provide: SCANNER,
  inject: [CONFIG],
  useFactory: ({ clamd }: { clamd?: ClamdAddress }): Scanner | null =>
    clamd ? new ClamdScanner(clamd) : null,
};

/** On the disk of the files. Where files lie in a bucket, on that of the system's temporary files. */
const HOLDING = {
  provide: Spool,
  inject: [CONFIG],
  useFactory: ({ storage }: Pick<Config, 'storage'>): Spool =>
    new Spool(storage.kind === 'folder' ? join(storage.folder, SPOOL) : tmpdir()),
};

@Module({
  imports: [CasesModule, CatalogsModule, IdentityModule],
  controllers: [EvidenceController, OriginalsController],
  providers: [
    LIMITS,
    ANTIVIRUS,
    HOLDING,
    CaseFiles,
    Converters,
    ReceiveEvidence,
    PrepareEvidence,
    EvidenceReader,
    Openings,
    MarkedCopies,
    Custody,
    Transcripts,
    Originals,
    RemoveRemains,
    Uploads,
    EndUploads,
  ],
  exports: [Converters, ReceiveEvidence, Uploads],
})
export class EvidenceModule {}
