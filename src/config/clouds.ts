// Providers of clouds: they are usable with an account of the cloud, and where they are depends on region and project.
import type { ProviderType } from "../contracts/config.ts";

type Env = Record<string, string | undefined>;

type Cloud = {
  name: string;
  type: ProviderType;
  keyVariable?: string;
  /** "" when nothing says where it is. */
  baseUrl(env: Env): string;
  /** The environment says that somebody uses it. */
  isUsable(env: Env): boolean;
};

const awsRegion = (env: Env): string => env.AWS_REGION || env.AWS_DEFAULT_REGION || "us-east-1";
const awsBase = (region: string): string => `https://bedrock-runtime.${region}.amazonaws.com`;

const googleProject = (env: Env): string => env.VERTEXAI_PROJECT || env.GOOGLE_CLOUD_PROJECT || "";
const googleLocation = (env: Env): string => env.VERTEXAI_LOCATION || env.GOOGLE_CLOUD_LOCATION || "global";

function googleBase(location: string): string {
  if (location === "global") return "https://aiplatform.googleapis.com";
  if (location === "us" || location === "eu") return `https://aiplatform.${location}.rep.googleapis.com`;
  return `https://${location}-aiplatform.googleapis.com`;
}

const signsIn = (env: Env): boolean =>
  Boolean(
    (env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY) ||
      env.AWS_PROFILE ||
      env.AWS_DEFAULT_PROFILE ||
      env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI ||
      env.AWS_CONTAINER_CREDENTIALS_FULL_URI,
  );

export const clouds: Record<string, Cloud> = {
  azure: {
    name: "Azure OpenAI",
    type: "azure",
    keyVariable: "AZURE_OPENAI_API_KEY",
    baseUrl: (env) => env.AZURE_OPENAI_API_ENDPOINT || env.AZURE_OPENAI_ENDPOINT || "",
    isUsable: (env) => Boolean(env.AZURE_OPENAI_API_KEY && (env.AZURE_OPENAI_API_ENDPOINT || env.AZURE_OPENAI_ENDPOINT)),
  },
  bedrock: {
    name: "AWS Bedrock",
    type: "bedrock",
    keyVariable: "AWS_BEARER_TOKEN_BEDROCK",
    baseUrl: (env) => awsBase(awsRegion(env)),
    isUsable: (env) => Boolean(env.AWS_BEARER_TOKEN_BEDROCK) || (signsIn(env) && Boolean(env.AWS_REGION || env.AWS_DEFAULT_REGION)),
  },
  vertexai: {
    name: "Google Vertex AI",
    type: "google-vertex",
    baseUrl: (env) => googleBase(googleLocation(env)),
    // Crush's own variables: many have a project of Google's for other things.
    isUsable: (env) => Boolean(env.VERTEXAI_PROJECT),
  },
};

const byType = new Map(Object.values(clouds).map((cloud) => [cloud.type, cloud]));

/** The cloud of a provider, by its id or else its type. */
export const cloudOf = (id: string, type: ProviderType | undefined): Cloud | undefined =>
  type === undefined || clouds[id]?.type === type ? clouds[id] : byType.get(type);

/** Variables that requests to a cloud are signed with. */
const signing: Partial<Record<ProviderType, RegExp>> = {
  bedrock:
    /^(?:AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|PROFILE|DEFAULT_PROFILE|CONFIG_FILE|SHARED_CREDENTIALS_FILE|CONTAINER_\w+|ROLE_\w+|WEB_IDENTITY_TOKEN_FILE)|HOME|USERPROFILE|PATH)$/,
  "google-vertex": /^(?:GOOGLE_APPLICATION_CREDENTIALS|CLOUDSDK_CONFIG|APPDATA|HOME)$/,
  azure: /^AZURE_OPENAI_API_VERSION$/,
};

/** What of the environment goes with a provider to whoever signs its requests; undefined where nothing does. */
export function accessOf(type: ProviderType, env: Env): Record<string, string> | undefined {
  const pattern = signing[type];
  if (pattern === undefined) return undefined;
  const access: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value && pattern.test(name)) access[name] = value;
  if (type === "bedrock") access.AWS_REGION = awsRegion(env);
  if (type === "google-vertex") {
    if (googleProject(env)) access.VERTEXAI_PROJECT = googleProject(env);
    access.VERTEXAI_LOCATION = googleLocation(env);
  }
  return Object.keys(access).length === 0 ? undefined : access;
}
