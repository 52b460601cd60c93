/** The trainer of the tests with nothing going wrong, whatever the study says. */
process.argv.push('--mode', 'well');
await import('./tune-trainer.ts');
