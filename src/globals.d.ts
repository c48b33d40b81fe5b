/** Set by src/build/build.mjs. */
declare const __BUILD_ID__: string;
declare const __VERSION__: string;
declare module "*.md" {
  const text: string;
  export default text;
}
declare module "*.sql" {
  const text: string;
  export default text;
}
