import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { from, switchMap, type Observable } from 'rxjs';
import { Database } from '../../platform/database/database.js';
import { ACCESS, type Access, type ActorRequest } from '../../platform/http/access.js';
import { AuditService } from '../audit/audit.service.js';

/**
 * Writes an entry for every read of an administrator, before anything is shown. The lists of accounts, keys,
 * rules and calendars hold nothing of a case, so a separate entry is enough. The code that reads the lists
 * does not need to know about the entry.
 */
@Injectable()
export class AdminReads implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly database: Database,
    private readonly audit: AuditService,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<ActorRequest>();
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    const { actor, method } = request;
    if (method !== 'GET' || actor?.kind !== 'staff') return next.handle();
    if (access?.kind !== 'permission' || !access.permission.startsWith('admin.')) return next.handle();
    const payload = { route: request.routeOptions.url, asked: { ...(request.params as object) } };
    const written = this.database.tx(actor, (tx) => this.audit.record(tx, { event: 'ADMIN_READ', payload }));
    return from(written).pipe(switchMap(() => next.handle()));
  }
}
