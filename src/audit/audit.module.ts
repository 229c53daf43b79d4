import { Global, Module } from '@nestjs/common';
import { AuditService } from './audit.service.js';

/** Global: everything above writes entries. */
@Global()
@Module({ providers: [AuditService], exports: [AuditService] })
export class AuditModule {}
