/**
 * Settings of every start. They are given on the command line, so that an old configuration file cannot
 * change them. `settings` may override the tunable ones, but not the address and the log rules.
 */
export function serverSettings(port: number, settings: Readonly<Record<string, string>> = {}): string[] {
  const all = {
    max_connections: '100',
    shared_buffers: '128MB',
    // All statements are short: JIT compilation costs more than it saves.
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Otherwise the server could tell to the microsecond when each row was stored.
    track_commit_timestamp: 'off',
    ...settings,
    listen_addresses: '127.0.0.1',
    port: String(port),
    // No socket: it would lie in the temporary folder, where this user may not be allowed to write.
    unix_socket_directories: '',
    ...SILENT_LOG,
  };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/**
 * No text of a reporter may reach the log. Logged statements and parameters would contain such text. Messages
 * of failed statements also quote values (`invalid input syntax`, `Failing row contains`). The detail of a
 * crash quotes the statement that ran. So errors of statements are not logged at all (the program that sent
 * the statement gets the error), and lines carry no detail. The log keeps start, stop, crash and refused
 * connections, which also keeps it short.
 */
const SILENT_LOG: Readonly<Record<string, string>> = {
  // `log` ranks above `error` in the server's log (PostgreSQL 18, table 19.2 "Message severity levels").
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_statement: 'none',
  log_duration: 'off',
  log_min_duration_statement: '-1',
  log_min_duration_sample: '-1',
  log_statement_sample_rate: '0',
  log_transaction_sample_rate: '0',
  log_statement_stats: 'off',
  log_parser_stats: 'off',
  log_planner_stats: 'off',
  log_executor_stats: 'off',
  debug_print_parse: 'off',
  debug_print_rewritten: 'off',
  debug_print_plan: 'off',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_autovacuum_min_duration: '-1',
  log_checkpoints: 'off',
  log_connections: 'off',
  log_disconnections: 'off',
  log_lock_waits: 'off',
  log_temp_files: '-1',
  logging_collector: 'off',
  log_destination: 'stderr',
  log_line_prefix: '%m [%p] ',
  // Extensions that log statements (pgaudit, auto_explain) work only when they are loaded.
  shared_preload_libraries: '',
  session_preload_libraries: '',
  local_preload_libraries: '',
};
