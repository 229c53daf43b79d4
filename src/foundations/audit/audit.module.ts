import { Global, Module } from '@nestjs/common';
import { AuditService } from './audit.service.js';
import { ClockWatch } from './clock-watch.js';
import { AuditFaults } from './faults.js';
import { TrailReader } from './trail.reader.js';

const SERVICES = [AuditService, TrailReader, AuditFaults, ClockWatch];

/** Global, because all modules above write entries. */
@Global()
@Module({ providers: SERVICES, exports: SERVICES })
export class AuditModule {}
