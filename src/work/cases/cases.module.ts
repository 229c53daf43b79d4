import { Module } from '@nestjs/common';
import { CatalogsModule } from '../../foundations/catalogs/catalogs.module.js';
import { SlaModule } from '../../foundations/sla/sla.module.js';
import { AccessCodes } from './access-codes/access-codes.js';
import { HardenAccessCodes } from './access-codes/harden-access-codes.js';
import { CaseList } from './case-list.js';
import { CaseOpening } from './case-opening.js';
import { CaseReads } from './case-reads.js';
import { CaseStore } from './case-store.js';
import { CaseSweeps } from './case-sweeps.js';
import { CaseTrail } from './case-trail.js';
import { CaseVault } from './case-vault.js';
import { CasesController } from './cases.controller.js';
import { CasesReader } from './cases.reader.js';
import { CorrespondenceController } from './correspondence.controller.js';
import { Correspondence } from './correspondence.service.js';
import { ExternalReferences } from './external-references.js';
import { AskReporter } from './moves/ask.js';
import { AssignCase } from './moves/assign.js';
import { CaseMoves } from './moves/case-moves.js';
import { CloseCase } from './moves/close.js';
import { StartInvestigation } from './moves/investigate.js';
import { ReopenCase } from './moves/reopen.js';
import { TransferCase } from './moves/transfer.js';
import { TriageCase } from './moves/triage.js';
import { PublicCodesController } from './public-codes.controller.js';
import { TrailCheck } from './trail-check.js';

const FIRST_MOVES = [AssignCase, TransferCase, StartInvestigation, AskReporter];
const LAST_MOVES = [CloseCase, ReopenCase];

@Module({
  imports: [CatalogsModule, SlaModule],
  // In the order in which the API document shows them.
  controllers: [
    CasesController,
    ...FIRST_MOVES,
    CorrespondenceController,
    ...LAST_MOVES,
    PublicCodesController,
    TriageCase,
  ],
  providers: [
    CaseVault,
    CaseStore,
    CaseOpening,
    CaseMoves,
    Correspondence,
    CaseReads,
    CasesReader,
    CaseTrail,
    TrailCheck,
    CaseList,
    CaseSweeps,
    AccessCodes,
    HardenAccessCodes,
    ExternalReferences,
  ],
  exports: [
    AccessCodes,
    CaseStore,
    CaseOpening,
    CaseMoves,
    Correspondence,
    CasesReader,
    CaseReads,
    CaseVault,
    ExternalReferences,
    TrailCheck,
  ],
})
export class CasesModule {}
