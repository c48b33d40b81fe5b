import fc from "fast-check";

// A run that decides whether a change lands must not depend on luck: CI repeats one seed. At a desk each run looks elsewhere.
if (process.env.CI) fc.configureGlobal({ seed: 20_260_101 });
