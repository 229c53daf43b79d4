import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { Database, type PoolName } from '../../../platform/database/database.js';
import { Credentials, type CredentialResolver, type Resolved } from '../../../platform/http/access.guard.js';
import { unauthenticated } from '../../../platform/http/credentials-refused.js';
import { areasOf, permissionsOf } from '../permissions.js';
import type { SessionActor } from '../staff.js';
import { ACCESS_PREFIX, tokenHash } from './tokens.js';

interface SessionRecord {
  session_id: string;
  account_id: string;
  name: string;
  email: string;
  institution_id: string;
  roles: string[];
  must_change: boolean;
  expires_at: Date;
  areas: string[];
}

/**
 * Checks bearer tokens of staff. Account, roles and areas are read with every request. So a deactivation or a
 * change of role counts from the next request on, in every process.
 */
@Injectable()
export class StaffCredentials implements CredentialResolver, OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly credentials: Credentials,
  ) {}

  onModuleInit(): void {
    this.credentials.register(this);
  }

  async resolve({ bearer }: { bearer?: string }, pool: PoolName): Promise<Resolved | null> {
    if (!bearer?.startsWith(ACCESS_PREFIX)) return null;
    const session = (
      await this.database.definer<SessionRecord>('auth_staff_session', [tokenHash(bearer)], pool)
    )[0];
    if (!session || session.expires_at <= this.clock.now()) throw unauthenticated('session');
    const actor: SessionActor = {
      kind: 'staff',
      accountId: session.account_id,
      name: session.name,
      email: session.email,
      institutionId: session.institution_id,
      areas: areasOf(session.roles, session.areas),
      permissions: permissionsOf(session.roles),
      sessionId: session.session_id,
    };
    return { actor, mustChangePassword: session.must_change };
  }
}
