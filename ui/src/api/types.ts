/** The shapes of the API by the names that the page uses, from its own description (`npm run types`). */
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Page = Schemas["CatalogPage"];
export type Entry = Schemas["CatalogEntry"];
export type Configuration = Schemas["Configuration"];
export type Provenance = Schemas["Provenance"];
export type Rent = Schemas["Rent"];
export type Points = Schemas["Points"];
export type Comparison = Schemas["Comparison"];
export type ComparedMetric = Schemas["ComparedMetric"];
export type KnownConfiguration = Schemas["KnownConfiguration"];
export type History = Schemas["History"];
export type HistoryEntry = Schemas["HistoryEntry"];
export type RecommendationRequest = Schemas["RecommendationRequest"];
export type Recommendation = Schemas["Recommendation"];
export type RankedEntry = Schemas["RankedEntry"];
export type CampaignPage = Schemas["CampaignPage"];
export type KnownCampaign = Schemas["KnownCampaign"];
export type Progress = Schemas["ProgressEvent"];
export type Plan = Schemas["PlannedCampaign"];
export type Imported = Schemas["ImportReport"];
