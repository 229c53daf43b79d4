import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/dist/**', 'node_modules/**', 'test/fixtures/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'migrations/**/*.ts', 'bench/**/*.ts', 'packages/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A promise nobody awaits inside a transaction writes after the commit, or never.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'off',
      eqeqeq: 'error',
      // Prettier breaks code; comments are ours to break. Texts for people stay whole.
      'max-len': ['error', { code: 1_000, comments: 110, ignoreUrls: true }],
    },
  },
  {
    files: ['src/app/**/*.ts', 'src/platform/database/**/*.ts'],
    ignores: ['src/platform/database/client.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.object.name='pg'][callee.property.name='Client']",
          message:
            'The end of a connection that nobody hears ends the process: Client of platform/database hears it.',
        },
      ],
    },
  },
  {
    files: ['test/**/*-spec.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        {
          name: 'fetch',
          message:
            'An answer that nobody reads keeps the process of the tests running: fetched() of test/support/calls reads it.',
        },
      ],
    },
  },
  // What has landed is not touched any more.
  { files: ['migrations/**/*.ts'], rules: { 'max-len': 'off' } },
);
