import { describe, expect, it } from '@jest/globals';
import { rolesSql } from './roles.js';

describe('the SQL of the logins', () => {
  it('carries placeholders for a person to fill in', () => {
    expect(rolesSql()).toContain(`alter role denuncia_app with login password '<password of denuncia_app>'`);
  });

  it('quotes passwords and names of other logins', () => {
    const sql = rolesSql({ app: { user: `o'brien"`, password: `it's` }, public: null, jobs: null }).join(
      '\n',
    );
    expect(sql).toContain(`create role "o'brien""" nologin`);
    expect(sql).toContain(`rolname = 'o''brien"'`);
    expect(sql).toContain(`alter role "o'brien""" with login password 'it''s'`);
    expect(sql).toContain(`grant denuncia_app to "o'brien"""`);
    expect(sql).toContain(`alter role "o'brien""" set statement_timeout = '30s'`);
  });

  it('makes a role nobody can log in as where no login is given', () => {
    const sql = rolesSql({ app: { user: 'denuncia_app' }, public: null, jobs: null }).join('\n');
    expect(sql).toContain('create role "denuncia_jobs" nologin');
    expect(sql).not.toMatch(/denuncia_(jobs|public_reader)"? with login/);
  });

  it('makes the application a member of the releaser only after it lost the right to inherit', () => {
    const sql = rolesSql();
    expect(sql.indexOf('alter role denuncia_app noinherit')).toBeLessThan(
      sql.indexOf('grant denuncia_releaser to denuncia_app'),
    );
  });
});
