import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The name of the job that makes the safe copy of a file. The list of names belongs to `denuncia_jobs`. */
export class EvidenceJobs1765000022000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asJobs(runner, `insert into job_queue.job_names (name) values ('prepare-evidence')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await asJobs(runner, `delete from job_queue.job_names where name = 'prepare-evidence'`);
  }
}

async function asJobs(runner: QueryRunner, sql: string): Promise<void> {
  await runner.query('set local role denuncia_jobs');
  await runner.query(sql);
  await runner.query('reset role');
}
