import type pg from 'pg';

/**
 * Everything that migrations can make, one line each: tables with their columns, constraints, indexes,
 * policies, triggers, functions, rights and remarks. Two databases with the same lines have the same schema.
 * A dropped column counts as gone: PostgreSQL 15 keeps its rights in the catalogue, which nobody can use.
 */
const QUERIES = [
  `select 'relation ' || c.relname || ' ' || c.relkind::text || ' rls=' || c.relrowsecurity || '/' || c.relforcerowsecurity
     || ' ' || coalesce(array_to_string(c.reloptions, ','), '') from pg_class c where c.relnamespace = 'public'::regnamespace`,
  `select 'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull
     || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
     from pg_class c join pg_attribute a on a.attrelid = c.oid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped`,
  `select 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
     from pg_constraint where connamespace = 'public'::regnamespace`,
  `select 'index ' || indexdef from pg_indexes where schemaname = 'public'`,
  `select 'policy ' || tablename || ' ' || policyname || ' ' || permissive || ' ' || array_to_string(roles, ',') || ' ' || cmd
     || ' ' || coalesce(qual, '') || ' ' || coalesce(with_check, '') from pg_policies where schemaname = 'public'`,
  `select 'trigger ' || pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where c.relnamespace = 'public'::regnamespace and not t.tgisinternal`,
  `select 'function ' || pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace`,
  `select 'type ' || typname from pg_type where typnamespace = 'public'::regnamespace and typtype <> 'c' and typcategory <> 'A'`,
  `select 'right on ' || what || ' of ' || case when grantee = 0 then 'everybody' else pg_get_userbyid(grantee) end || ' ' || privilege_type
     from (select c.relname as what, a.* from pg_class c, aclexplode(c.relacl) a where c.relnamespace = 'public'::regnamespace
           union all select c.relname || '.' || t.attname, a.* from pg_class c join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a
            where c.relnamespace = 'public'::regnamespace and not t.attisdropped
           union all select proname || '()', a.* from pg_proc p, aclexplode(p.proacl) a where pronamespace = 'public'::regnamespace
           union all select 'schema ' || nspname, a.* from pg_namespace n, aclexplode(n.nspacl) a where nspname = 'public') g
    where grantee <> (select oid from pg_roles where rolname = current_user)`,
  `select 'remark ' || pg_describe_object(classoid, objoid, objsubid) || ' ' || description from pg_description d
     join pg_class c on c.oid = d.objoid where d.classoid = 'pg_class'::regclass and c.relnamespace = 'public'::regnamespace`,
  `select 'schema ' || nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'`,
  `select 'extension ' || extname from pg_extension`,
];

/** The lines of a database, sorted. */
export async function catalogueOf(client: pg.ClientBase): Promise<string[]> {
  const lines: string[] = [];
  for (const query of QUERIES) {
    const { rows } = await client.query<{ line: string }>(`select line from (${query}) q (line)`);
    lines.push(...rows.map(({ line }) => line));
  }
  return lines.sort();
}
