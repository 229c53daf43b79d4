import { Module } from '@nestjs/common';
import { CONFIG } from '../../platform/platform.module.js';
import { CatalogsModule } from '../../foundations/catalogs/catalogs.module.js';
import { CasesModule } from '../cases/cases.module.js';
import { CaseFiles } from './case-files.js';
import { Converters } from './converters.js';
import { EvidenceLimits } from './evidence.config.js';
import { EvidenceController } from './evidence.controller.js';
import { EvidenceReader } from './evidence.reader.js';
import { PrepareEvidence } from './prepare-evidence.js';
import { ReceiveEvidence } from './receive-evidence.js';
import { RemoveRemains } from './remove-remains.js';
import { EndUploads } from './uploads/end-uploads.js';
import { Uploads } from './uploads/uploads.js';

const LIMITS = {
  provide: EvidenceLimits,
  inject: [CONFIG],
  useFactory: ({ evidence }: { evidence: EvidenceLimits }): EvidenceLimits => evidence,
};

@Module({
  imports: [CasesModule, CatalogsModule],
  controllers: [EvidenceController],
  providers: [
    LIMITS,
    CaseFiles,
    Converters,
    ReceiveEvidence,
    PrepareEvidence,
    EvidenceReader,
    RemoveRemains,
    Uploads,
    EndUploads,
  ],
  exports: [Converters, ReceiveEvidence, Uploads],
})
export class EvidenceModule {}
