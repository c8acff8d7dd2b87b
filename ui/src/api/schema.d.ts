// Written by `npm run types`; not by hand.
export interface paths {
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the server runs */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description ok */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every campaign, newest first */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Campaigns */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": Record<string, never>[];
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
            };
        };
        put?: never;
        /** Measure the matrix of a spec, or go on with it */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["CampaignSpec"];
                    "application/yaml": components["schemas"]["CampaignSpec"];
                };
            };
            responses: {
                /** @description The campaign's id */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far a campaign is */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The campaign and its batches */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Nothing of the campaign runs until it is resumed */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The campaign */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A paused campaign goes on */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The campaign */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Nothing more of the campaign runs; what was measured is kept */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The campaign */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The report of a campaign with all of its numbers */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The report */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/report.html": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The report of a campaign as a page */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The report */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/html": unknown;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/report.pdf": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The report of a campaign for print */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The report */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/pdf": unknown;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catalog": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The latest result of every configuration */
        get: {
            parameters: {
                query?: {
                    model?: string;
                    quantisation?: string;
                    accelerator?: string;
                    hardware?: string;
                    engine?: string;
                    framework?: string;
                    engine_version?: string;
                    use_case?: string;
                    provenance?: string;
                    shape?: string;
                    input_tokens?: string;
                    output_tokens?: string;
                    load?: string;
                    protocol?: string;
                    min_ttft_mean_ms?: number;
                    max_ttft_mean_ms?: number;
                    min_ttft_p50_ms?: number;
                    max_ttft_p50_ms?: number;
                    min_ttft_p90_ms?: number;
                    max_ttft_p90_ms?: number;
                    min_ttft_p95_ms?: number;
                    max_ttft_p95_ms?: number;
                    min_ttft_p99_ms?: number;
                    max_ttft_p99_ms?: number;
                    min_tpot_mean_ms?: number;
                    max_tpot_mean_ms?: number;
                    min_tpot_p50_ms?: number;
                    max_tpot_p50_ms?: number;
                    min_tpot_p90_ms?: number;
                    max_tpot_p90_ms?: number;
                    min_tpot_p95_ms?: number;
                    max_tpot_p95_ms?: number;
                    min_tpot_p99_ms?: number;
                    max_tpot_p99_ms?: number;
                    min_itl_mean_ms?: number;
                    max_itl_mean_ms?: number;
                    min_itl_p50_ms?: number;
                    max_itl_p50_ms?: number;
                    min_itl_p90_ms?: number;
                    max_itl_p90_ms?: number;
                    min_itl_p95_ms?: number;
                    max_itl_p95_ms?: number;
                    min_itl_p99_ms?: number;
                    max_itl_p99_ms?: number;
                    min_e2e_mean_ms?: number;
                    max_e2e_mean_ms?: number;
                    min_e2e_p50_ms?: number;
                    max_e2e_p50_ms?: number;
                    min_e2e_p90_ms?: number;
                    max_e2e_p90_ms?: number;
                    min_e2e_p95_ms?: number;
                    max_e2e_p95_ms?: number;
                    min_e2e_p99_ms?: number;
                    max_e2e_p99_ms?: number;
                    min_ttft_p90_low_ms?: number;
                    max_ttft_p90_low_ms?: number;
                    min_ttft_p90_high_ms?: number;
                    max_ttft_p90_high_ms?: number;
                    min_tpot_p90_low_ms?: number;
                    max_tpot_p90_low_ms?: number;
                    min_tpot_p90_high_ms?: number;
                    max_tpot_p90_high_ms?: number;
                    min_itl_p90_low_ms?: number;
                    max_itl_p90_low_ms?: number;
                    min_itl_p90_high_ms?: number;
                    max_itl_p90_high_ms?: number;
                    min_e2e_p90_low_ms?: number;
                    max_e2e_p90_low_ms?: number;
                    min_e2e_p90_high_ms?: number;
                    max_e2e_p90_high_ms?: number;
                    min_output_tps?: number;
                    max_output_tps?: number;
                    min_output_tps_low?: number;
                    max_output_tps_low?: number;
                    min_output_tps_high?: number;
                    max_output_tps_high?: number;
                    min_rps?: number;
                    max_rps?: number;
                    min_failed_share?: number;
                    max_failed_share?: number;
                    min_attainment?: number;
                    max_attainment?: number;
                    min_slo_ttft_ms?: number;
                    max_slo_ttft_ms?: number;
                    min_slo_tpot_ms?: number;
                    max_slo_tpot_ms?: number;
                    min_slo_e2e_ms?: number;
                    max_slo_e2e_ms?: number;
                    min_ttft_p50_of_all_ms?: number;
                    max_ttft_p50_of_all_ms?: number;
                    min_ttft_p90_of_all_ms?: number;
                    max_ttft_p90_of_all_ms?: number;
                    min_ttft_p95_of_all_ms?: number;
                    max_ttft_p95_of_all_ms?: number;
                    min_ttft_p99_of_all_ms?: number;
                    max_ttft_p99_of_all_ms?: number;
                    min_tpot_p50_of_all_ms?: number;
                    max_tpot_p50_of_all_ms?: number;
                    min_tpot_p90_of_all_ms?: number;
                    max_tpot_p90_of_all_ms?: number;
                    min_tpot_p95_of_all_ms?: number;
                    max_tpot_p95_of_all_ms?: number;
                    min_tpot_p99_of_all_ms?: number;
                    max_tpot_p99_of_all_ms?: number;
                    min_e2e_p50_of_all_ms?: number;
                    max_e2e_p50_of_all_ms?: number;
                    min_e2e_p90_of_all_ms?: number;
                    max_e2e_p90_of_all_ms?: number;
                    min_e2e_p95_of_all_ms?: number;
                    max_e2e_p95_of_all_ms?: number;
                    min_e2e_p99_of_all_ms?: number;
                    max_e2e_p99_of_all_ms?: number;
                    min_stated_usd_per_hour_spot?: number;
                    max_stated_usd_per_hour_spot?: number;
                    min_stated_usd_per_hour_on_demand?: number;
                    max_stated_usd_per_hour_on_demand?: number;
                    min_input_per_output?: number;
                    max_input_per_output?: number;
                    min_cached_input_per_output?: number;
                    max_cached_input_per_output?: number;
                    min_stated_usd_per_mtok_input?: number;
                    max_stated_usd_per_mtok_input?: number;
                    min_stated_usd_per_mtok_cached_input?: number;
                    max_stated_usd_per_mtok_cached_input?: number;
                    min_stated_usd_per_mtok_output?: number;
                    max_stated_usd_per_mtok_output?: number;
                    min_fidelity?: number;
                    max_fidelity?: number;
                    min_task_accuracy?: number;
                    max_task_accuracy?: number;
                    min_gpu_memory_gib?: number;
                    max_gpu_memory_gib?: number;
                    min_serving_cost_per_mtok_spot?: number;
                    max_serving_cost_per_mtok_spot?: number;
                    min_serving_cost_per_mtok_on_demand?: number;
                    max_serving_cost_per_mtok_on_demand?: number;
                    min_usd_per_hour_spot?: number;
                    max_usd_per_hour_spot?: number;
                    min_usd_per_hour_on_demand?: number;
                    max_usd_per_hour_on_demand?: number;
                    /** @description A number of the catalogue, such as ttft_p90_ms; -output_tps: the largest first */
                    sort?: string;
                    skip?: number;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page of the catalogue, with facets */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Page"];
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/recommendations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Which configurations to run for a use case */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["RecommendationRequest"];
                };
            };
            responses: {
                /** @description The ranking */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Recommendation"];
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/estimates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What traffic that was not measured would yield: a forecast */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["EstimateRequest"];
                };
            };
            responses: {
                /** @description Every launch that was measured near enough */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Estimates"];
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
                /** @description A problem; `detail` says what is wrong and the mend */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": Record<string, never>;
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A campaign spec. */
        CampaignSpec: {
            /** @description What the campaign is called; part of its id. */
            name: string;
            /** @description Axis 1. Hosted models are multiplied with workloads alone. */
            models: components["schemas"]["ModelEntry"][];
            /**
             * @description Axis 2. Every precision when absent.
             * @default [
             *       "fp16",
             *       "fp8",
             *       "int8",
             *       "int4"
             *     ]
             */
            quantisations: components["schemas"]["Quantisation"][];
            /**
             * @description Axis 3. Every GPU in every count when absent.
             * @default [
             *       {
             *         "name": "l4x1"
             *       },
             *       {
             *         "name": "l4x2"
             *       },
             *       {
             *         "name": "l4x4"
             *       },
             *       {
             *         "name": "l4x8"
             *       },
             *       {
             *         "name": "l40sx1"
             *       },
             *       {
             *         "name": "l40sx2"
             *       },
             *       {
             *         "name": "l40sx4"
             *       },
             *       {
             *         "name": "l40sx8"
             *       },
             *       {
             *         "name": "a10gx1"
             *       },
             *       {
             *         "name": "a10gx2"
             *       },
             *       {
             *         "name": "a10gx4"
             *       },
             *       {
             *         "name": "a10gx8"
             *       },
             *       {
             *         "name": "a100-40gbx1"
             *       },
             *       {
             *         "name": "a100-40gbx2"
             *       },
             *       {
             *         "name": "a100-40gbx4"
             *       },
             *       {
             *         "name": "a100-40gbx8"
             *       },
             *       {
             *         "name": "a100-80gbx1"
             *       },
             *       {
             *         "name": "a100-80gbx2"
             *       },
             *       {
             *         "name": "a100-80gbx4"
             *       },
             *       {
             *         "name": "a100-80gbx8"
             *       },
             *       {
             *         "name": "h100x1"
             *       },
             *       {
             *         "name": "h100x2"
             *       },
             *       {
             *         "name": "h100x4"
             *       },
             *       {
             *         "name": "h100x8"
             *       },
             *       {
             *         "name": "h200x1"
             *       },
             *       {
             *         "name": "h200x2"
             *       },
             *       {
             *         "name": "h200x4"
             *       },
             *       {
             *         "name": "h200x8"
             *       },
             *       {
             *         "name": "b200x1"
             *       },
             *       {
             *         "name": "b200x2"
             *       },
             *       {
             *         "name": "b200x4"
             *       },
             *       {
             *         "name": "b200x8"
             *       }
             *     ]
             */
            hardware: components["schemas"]["HardwareEntry"][];
            /**
             * @description Axis 4. The servers with batching when absent: vLLM, TGI, LMDeploy, SGLang.
             * @default [
             *       {
             *         "name": "vllm"
             *       },
             *       {
             *         "name": "tgi"
             *       },
             *       {
             *         "name": "lmdeploy"
             *       },
             *       {
             *         "name": "sglang"
             *       }
             *     ]
             */
            frameworks: components["schemas"]["FrameworkEntry"][];
            /**
             * @description Axis 5. Each concurrency, rate and batch size of a workload is a point of its own. Every use case at its typical
             *     lengths when absent.
             * @default [
             *       {
             *         "name": "chatbot",
             *         "use_case": "chatbot",
             *         "input_tokens": 755,
             *         "output_tokens": 200,
             *         "concurrency": [
             *           1,
             *           2,
             *           4,
             *           8,
             *           16,
             *           32,
             *           64,
             *           128
             *         ],
             *         "requests": 200,
             *         "warm_up": 10,
             *         "protocol": "chat"
             *       },
             *       {
             *         "name": "summarization",
             *         "use_case": "summarization",
             *         "input_tokens": 1738,
             *         "output_tokens": 91,
             *         "concurrency": [
             *           1,
             *           2,
             *           4,
             *           8,
             *           16,
             *           32,
             *           64,
             *           128
             *         ],
             *         "requests": 200,
             *         "warm_up": 10,
             *         "protocol": "chat"
             *       },
             *       {
             *         "name": "qa",
             *         "use_case": "qa",
             *         "input_tokens": 2048,
             *         "output_tokens": 128,
             *         "concurrency": [
             *           1,
             *           2,
             *           4,
             *           8,
             *           16,
             *           32,
             *           64,
             *           128
             *         ],
             *         "requests": 200,
             *         "warm_up": 10,
             *         "protocol": "chat"
             *       },
             *       {
             *         "name": "code-generation",
             *         "use_case": "code-generation",
             *         "input_tokens": 171,
             *         "output_tokens": 98,
             *         "concurrency": [
             *           1,
             *           2,
             *           4,
             *           8,
             *           16,
             *           32,
             *           64,
             *           128
             *         ],
             *         "requests": 200,
             *         "warm_up": 10,
             *         "protocol": "chat"
             *       },
             *       {
             *         "name": "creative-writing",
             *         "use_case": "creative-writing",
             *         "input_tokens": 128,
             *         "output_tokens": 1024,
             *         "concurrency": [
             *           1,
             *           2,
             *           4,
             *           8,
             *           16,
             *           32,
             *           64,
             *           128
             *         ],
             *         "requests": 200,
             *         "warm_up": 10,
             *         "protocol": "chat"
             *       }
             *     ]
             */
            workloads: components["schemas"]["WorkloadEntry"][];
            /** @description Points to keep: those that match one of these, when there are any. */
            include?: components["schemas"]["Selector"][];
            /** @description Points to leave out. */
            exclude?: components["schemas"]["Selector"][];
            /** @description Links between axes. */
            link?: components["schemas"]["AxisLink"][];
            /** @description Measure only what is due: what has no result yet, or one that is not fresh. Everything when absent. */
            due?: components["schemas"]["FreshnessEntry"] | null;
            /** @description What is to be found out about the quality of answers. Nothing when absent. */
            accuracy?: components["schemas"]["AccuracyEntry"] | null;
            /**
             * @description What each request must meet to count as good.
             * @default {}
             */
            slo: components["schemas"]["RequestSlo"];
            /**
             * Format: double
             * @description Most USD to spend at the spot price, by the forecast. Batches that do not fit are not started.
             */
            budget_usd?: number | null;
            /**
             * @description Longest time from the first job to the last one's end, by the forecast. Batches are cut to end by then, and those
             *     that cannot are not started.
             */
            deadline?: components["schemas"]["WrittenDuration"] | null;
            /**
             * Format: uint32
             * @description Jobs that can run at the same time, as the deadline reckons; as many as there are batches when absent.
             */
            parallel_jobs?: number | null;
            /**
             * Format: uint32
             * @description Repetitions of each configuration.
             * @default 1
             */
            trials: number;
            /**
             * Format: uint64
             * @description Seed of the prompts.
             * @default 0
             */
            seed: number;
        };
        /** @description A model: a known name, or one's own with its sizes. */
        ModelEntry: {
            /** @description The name. */
            name: components["schemas"]["ModelName"];
            /** @description Path of a Hugging Face `config.json`, relative to the spec. */
            config?: string | null;
            /** @description Sizes; for a model that Assay does not know and that has no `config`. */
            architecture?: components["schemas"]["Architecture"] | null;
            /** @description Where its weights are. */
            artifacts: components["schemas"]["Artifact"][];
            /** @description That somebody else serves it, and how to get to it. Known hosted models need none. */
            hosted?: components["schemas"]["HostedEntry"] | null;
        };
        /** @description The name of a model: `llama-3.1-8b-instruct`. */
        ModelName: string;
        /** @description Sizes of a decoder-only transformer. Lengths are in elements, not bytes. */
        Architecture: {
            /**
             * Format: uint64
             * @description All parameters.
             */
            parameters: number;
            /**
             * Format: uint64
             * @description Parameters that one token passes through: fewer than all in a mixture of experts.
             */
            active_parameters: number;
            /**
             * Format: uint32
             * @description Transformer blocks.
             */
            layers: number;
            /**
             * Format: uint32
             * @description Width of the residual stream.
             */
            hidden_size: number;
            /**
             * Format: uint32
             * @description Query heads.
             */
            attention_heads: number;
            /**
             * Format: uint32
             * @description Key and value heads (fewer than query heads with GQA).
             */
            kv_heads: number;
            /**
             * Format: uint32
             * @description Width of one head.
             */
            head_size: number;
            /**
             * Format: uint32
             * @description Tokens in the vocabulary.
             */
            vocabulary: number;
            /**
             * Format: uint32
             * @description Longest context in tokens.
             */
            context_tokens: number;
            /** @description What the blocks are made of, as far as it is known. */
            blocks?: components["schemas"]["Blocks"];
        };
        /** @description What the blocks of a transformer are made of. The default is a dense model of which nothing more is known. */
        Blocks: {
            /**
             * Format: uint32
             * @description Width of a dense, gated feed-forward layer.
             */
            intermediate_size?: number | null;
            /** @description One matrix is both the embedding and the output. */
            tied_embeddings?: boolean;
            /** @description Mixture of experts. */
            experts?: components["schemas"]["Experts"] | null;
            /** @description Keys and values are cached as one low-rank vector. */
            latent_attention?: components["schemas"]["LatentAttention"] | null;
            /** @description Some layers see only the latest tokens. */
            sliding_window?: components["schemas"]["SlidingWindow"] | null;
            /**
             * Format: uint64
             * @description Parameters of encoders for images or sound, out of all.
             */
            encoder_parameters?: number;
        };
        /** @description A **mixture of experts**: feed-forward layers of which a router picks a few for each token. */
        Experts: {
            /**
             * Format: uint32
             * @description Routed experts in a layer.
             */
            count: number;
            /**
             * Format: uint32
             * @description Routed experts that one token passes through.
             */
            per_token: number;
            /**
             * Format: uint32
             * @description Width of one routed expert.
             */
            intermediate_size: number;
            /**
             * Format: uint32
             * @description Width of the experts that every token passes through, together.
             */
            shared_size?: number;
            /**
             * Format: uint32
             * @description Layers that have experts; the others are dense.
             */
            layers: number;
            /** @description A quantised checkpoint keeps everything but the routed experts at 16 bits (gpt-oss). */
            alone_quantised?: boolean;
        };
        /** @description **Multi-head latent attention** (DeepSeek-V2, <https://arxiv.org/abs/2405.04434>). */
        LatentAttention: {
            /**
             * Format: uint32
             * @description Width of the vector that stands for keys and values.
             */
            kv_rank: number;
            /**
             * Format: uint32
             * @description Width of the part of a key that carries the position, shared by all heads.
             */
            rope_size: number;
            /**
             * Format: uint32
             * @description Width of the part of a head that carries no position.
             */
            nope_size: number;
            /**
             * Format: uint32
             * @description Width of a value head.
             */
            value_size: number;
            /**
             * Format: uint32
             * @description Width of the vector that stands for queries; none when they are projected directly.
             */
            query_rank?: number | null;
        };
        /** @description A **sliding window** (or chunk): what a layer sees of the past. */
        SlidingWindow: {
            /**
             * Format: uint32
             * @description Its length in tokens.
             */
            tokens: number;
            /**
             * Format: uint32
             * @description Layers that have it; the others see everything.
             */
            layers: number;
        };
        /** @description Where the weights of one version are. */
        Artifact: {
            /** @description Precision of the weights in it. */
            quantisation: components["schemas"]["Quantisation"];
            /** @description How they are packed. */
            format: components["schemas"]["Format"];
            /**
             * @description `hf:OWNER/NAME@REVISION` or `s3://BUCKET/PREFIX`, fetched by the runner; a path (relative to the spec); or a name
             *     that the engine looks up itself ([`crate::WeightsAddress`]).
             */
            path: string;
        };
        /** @description Numerical precision of the weights. */
        Quantisation: "fp16" | "fp8" | "int8" | "int4";
        /** @description How weights are packed in files. */
        Format: "safetensors" | "gguf";
        /** @description How to get to a hosted model, where that differs from what is known, and what its tokens cost. */
        HostedEntry: {
            /** @description Who serves it: whose protocol is spoken. Known for known models. */
            provider?: components["schemas"]["Provider"] | null;
            /** @description Base URL without `/v1`; the provider's own when absent. */
            url?: string | null;
            /** @description Where the key is kept: `env:VARIABLE` or `aws-sm:NAME`. The provider's usual variable when absent. */
            key?: components["schemas"]["KeySource"] | null;
            /** @description The model's name there, when it differs. */
            served_model?: string | null;
            /** @description USD for a million tokens, where that is not known or another price holds. */
            usd_per_mtok?: components["schemas"]["TokenPrice"] | null;
        };
        /** @description Who serves a hosted model, which says which protocol is spoken. */
        Provider: "openai" | "anthropic";
        /**
         * @description Where the key of a provider is kept: `env:OPENAI_API_KEY`, or `aws-sm:NAME` for AWS Secrets Manager. It names the key
         *     and never holds it.
         */
        KeySource: string;
        /** @description USD for a million tokens. */
        TokenPrice: {
            /**
             * Format: double
             * @description Of a prompt.
             */
            input: number;
            /**
             * Format: double
             * @description Of a prompt, where a prompt cache answers them; that of other input where there is no such rate.
             */
            cached_input?: number | null;
            /**
             * Format: double
             * @description Of an answer.
             */
            output: number;
        };
        /** @description A hardware config, with its price where that is not known or another holds. */
        HardwareEntry: {
            /** @description Accelerator and count. */
            name: components["schemas"]["Hardware"];
            /** @description USD per hour of all of it, rented on its own. */
            usd_per_hour?: components["schemas"]["HourlyPrice"] | null;
        };
        /** @description Accelerator and count. Written `l4x1`, `h100x8`, or `cpu`. */
        Hardware: string;
        /** @description USD for one hour of a whole hardware config (all of its GPUs). */
        HourlyPrice: {
            /**
             * Format: double
             * @description USD per hour without commitment.
             */
            on_demand: number;
            /**
             * Format: double
             * @description USD per hour on the spot market.
             */
            spot: number;
        };
        /** @description A framework and how to get to it. */
        FrameworkEntry: {
            /** @description The engine. */
            name: components["schemas"]["Engine"];
            /** @description Its version. */
            version?: string | null;
            /** @description Extra server arguments. */
            args: string[];
            /** @description Base URL of a running server; the runner starts one when absent. */
            attach?: string | null;
            /** @description With `attach`: the model name that the server knows. */
            served_model?: string | null;
            /** @description Without `attach`: the program. */
            program?: string | null;
            /** @description Without `attach`: environment variables. */
            env: {
                [key: string]: string;
            };
            /** @description Without `attach`: time until it must be healthy. */
            start_timeout?: components["schemas"]["WrittenDuration"] | null;
        };
        /** @description The engines that can be named in a matrix. */
        Engine: "vllm" | "tgi" | "lmdeploy" | "sglang" | "llama.cpp" | "simulated";
        /** @description A duration that was written as text. Zero and up, finite. */
        WrittenDuration: string;
        /** @description One workload; every load in it (concurrency, rate, batch size) is a point of the axis. */
        WorkloadEntry: {
            /** @description A name for people; not part of a configuration's id. */
            name: string;
            /** @description What the traffic is for. */
            use_case: components["schemas"]["UseCase"];
            /** @description Tokens of a prompt. */
            input_tokens: components["schemas"]["Lengths"];
            /** @description Tokens of an answer. */
            output_tokens: components["schemas"]["Lengths"];
            /**
             * Format: uint32
             * @description Tokens at the beginning of every prompt that are the same in all of them.
             */
            shared_prefix_tokens?: number | null;
            /**
             * @description Turns of a conversation: each sends again what was said before, the server's answers among it, and a new
             *     message. Concurrency and rates are then of conversations. Absent: every request stands alone.
             */
            turns?: components["schemas"]["Lengths"] | null;
            /** @description Tokens of the message of every turn after the first; those of `input_tokens` unless stated. */
            turn_input_tokens?: components["schemas"]["Lengths"] | null;
            /** @description Time from the end of an answer until the next turn is due; none unless stated. */
            think_time?: components["schemas"]["ThinkTime"] | null;
            /** @description Requests in flight, in a closed loop. */
            concurrency?: number[];
            /** @description Requests per second, in an open loop: `50`, or stages such as `10:30s,10-100:2m`. */
            rates?: components["schemas"]["RatePlan"][];
            /** @description How requests at a rate follow each other; Poisson unless stated. */
            arrival?: components["schemas"]["Arrival"] | null;
            /** @description Requests that are sent at once, the next when all have ended. */
            batch_sizes?: number[];
            /**
             * Format: uint32
             * @description Requests to measure. 662 are needed for a p99, 64 for a p90.
             * @default 200
             */
            requests: number;
            /**
             * Format: uint32
             * @description Requests before the measured ones.
             * @default 10
             */
            warm_up: number;
            /**
             * @description Which endpoint carries them.
             * @default chat
             */
            protocol: components["schemas"]["Protocol"];
        };
        /** @description The use cases of the brief. A pipeline tag of Hugging Face that is of one of them is read as its name. */
        UseCase: "chatbot" | "summarization" | "qa" | "code-generation" | "creative-writing";
        /** @description Tokens: 512, uniform:100-900, normal:512,128 or lognormal:512,400 (mean, deviation). */
        Lengths: number | string;
        /** @description A time: 5s, exponential:5s or lognormal:10s,8s (mean, deviation). */
        ThinkTime: string;
        /** @description Requests per second, or stages such as 10:30s,10-100:2m. */
        RatePlan: number | string;
        /** @description How requests follow each other. */
        Arrival: "constant" | "poisson" | {
            gamma: components["schemas"]["Burstiness"];
        } | {
            /** Format: uint32 */
            bursts: number;
        };
        /**
         * Format: double
         * @description The shape of a gamma distribution, as `vllm bench` calls it: from 0.01 to 10,000.
         */
        Burstiness: number;
        /** @description Which endpoint carries the requests. */
        Protocol: "chat" | "completions" | "completions-tokens" | "tgi" | "anthropic";
        /** @description Selects points of the matrix: those that match every stated field. */
        Selector: {
            /** @description This model. */
            model?: components["schemas"]["ModelName"] | null;
            /** @description This quantisation. */
            quantisation?: components["schemas"]["Quantisation"] | null;
            /** @description This accelerator, in any count. */
            accelerator?: components["schemas"]["Accelerator"] | null;
            /** @description This hardware config, or `hosted`. */
            hardware?: components["schemas"]["OrHosted"] | null;
            /** @description This engine, or this provider of hosted models. */
            framework?: components["schemas"]["ServedBy"] | null;
            /** @description This use case. */
            use_case?: components["schemas"]["UseCase"] | null;
            /** @description The workload of this name. */
            workload?: string | null;
        };
        /** @description The accelerators that can be named in a matrix. */
        Accelerator: "cpu" | "l4" | "l40s" | "a10g" | "a100-40gb" | "a100-80gb" | "h100" | "h200" | "b200";
        /** @description A value that an engine has and a hosted model has not: then it is written [`HOSTED`]. */
        OrHosted: components["schemas"]["Hardware"] | components["schemas"]["Elsewhere"];
        /** @description Nobody told: somebody else hosts it. */
        Elsewhere: "hosted";
        /** @description An engine, or the provider of hosted models. */
        ServedBy: components["schemas"]["Engine"] | components["schemas"]["Provider"];
        /** @description Links axes: points that match `when` are kept only when they match one of `only`. */
        AxisLink: {
            /** @description The points that it is about. */
            when: components["schemas"]["Selector"];
            /** @description What is left of them. */
            only: components["schemas"]["Selector"][];
        };
        /** @description A result that is neither too old nor of another version is still good. Without a field any result is. */
        FreshnessEntry: {
            /** @description Results older than this are stale, such as `30d`. */
            newer_than?: components["schemas"]["WrittenDuration"] | null;
            /** @description Results of other versions of these engines are stale, where a framework's entry names no version. */
            versions?: {
                [key: string]: string;
            };
        };
        /** @description What is to be found out. */
        AccuracyEntry: {
            /** @description How far a model still says what its unquantised version says. Not asked when absent. */
            fidelity?: components["schemas"]["FidelityEntry"] | null;
            /** @description How well it does tasks. None are asked when absent. */
            tasks?: components["schemas"]["TasksEntry"] | null;
        };
        /** @description How fidelity is asked for. */
        FidelityEntry: {
            /**
             * Format: uint32
             * @description Most tokens of a continuation.
             * @default 64
             */
            output_tokens: number;
        };
        /** @description Which tasks are asked, by EleutherAI's lm-evaluation-harness. */
        TasksEntry: {
            /** @description The tasks, and groups of tasks. */
            names: components["schemas"]["TaskName"][];
            /** @description Folder with tasks that the harness does not have, relative to the spec. */
            include_path?: string | null;
            /**
             * Format: uint32
             * @description Most questions of each task. All when absent.
             */
            limit?: number | null;
            /** @description The harness; `lm_eval` on `PATH` when absent. */
            program?: string | null;
            /** @description Longest time of all tasks of one launch. */
            timeout?: components["schemas"]["WrittenDuration"] | null;
            /**
             * Format: uint32
             * @description Context in tokens that engines are started with at least, so that the prompts fit.
             * @default 4096
             */
            context_tokens: number;
        };
        /** @description The name of a task, or of a group of tasks, as the harness knows it. It is no path: the harness would read and run what is there. */
        TaskName: string;
        /** @description Bounds that one request must meet, all of them. A missing metric fails. */
        RequestSlo: {
            /** @description Longest time to first token. */
            ttft?: components["schemas"]["WrittenDuration"] | null;
            /** @description Longest time per output token. */
            tpot?: components["schemas"]["WrittenDuration"] | null;
            /** @description Longest end-to-end latency. */
            e2e?: components["schemas"]["WrittenDuration"] | null;
        };
        /** @description What to recommend for. */
        RecommendationRequest: {
            /** @description What the traffic is for. */
            use_case: components["schemas"]["UseCase"];
            /**
             * @description Which models, hardware and engines compete; all of them when absent. What the request has a field of its own for
             *     is stated there.
             */
            filter?: components["schemas"]["Filter"];
            /**
             * @description The shape of the traffic, as the catalogue names it. Needed when results of several shapes are there that the
             *     lengths do not tell apart.
             */
            shape?: string | null;
            /**
             * Format: uint32
             * @description Tokens of a prompt.
             */
            input_tokens?: number | null;
            /**
             * Format: uint32
             * @description Tokens of an answer.
             */
            output_tokens?: number | null;
            /**
             * @description Bounds that a configuration must meet, all of them; an empty list for none. When absent, nine of ten
             *     requests must meet what is usual for the use case, each bound taken alone.
             */
            bounds?: components["schemas"]["SloBound"][] | null;
            /**
             * Format: double
             * @description Most USD per hour for the machine that one server is rented as, at `price`.
             */
            max_usd_per_hour?: number | null;
            /**
             * Format: double
             * @description Requests per second that all replicas together must serve. Then configurations are compared by what that costs
             *     per month, and each comes with the number of its replicas.
             */
            target_rps?: number | null;
            /**
             * Format: double
             * @description Most USD per month for the machines of all replicas, at `price`. Needs `target_rps`.
             */
            max_usd_per_month?: number | null;
            /**
             * @description Which price counts.
             * @default spot
             */
            price: components["schemas"]["PriceKind"];
            /**
             * @description Which results count. Results of different provenance are never compared.
             * @default measured
             */
            provenance: components["schemas"]["Provenance"];
            /** @description What each group of criteria weighs; the use case's own weights when absent. */
            weights?: components["schemas"]["Weights"] | null;
            /**
             * @description What makes the values of different criteria comparable.
             * @default vector
             */
            normalisation: components["schemas"]["Normalisation"];
            /**
             * Format: uint
             * @description Most entries in the answer, up to [`MOST_ENTRIES`].
             * @default 10
             */
            limit: number;
        };
        /** @description What a result must match; a field that is not stated matches everything. Each field is named as its [`Axis`]. */
        Filter: {
            /** @description These models. */
            model?: components["schemas"]["AnyOf_ModelName"];
            /** @description These precisions, or `hosted`. */
            quantisation?: components["schemas"]["AnyOf_OrHosted"];
            /** @description These accelerators, in any count, or `hosted`. */
            accelerator?: components["schemas"]["AnyOf_OrHosted"];
            /** @description These hardware configs, or `hosted`. */
            hardware?: components["schemas"]["AnyOf_OrHosted"];
            /** @description These engines, in any version, or these providers of hosted models. */
            engine?: components["schemas"]["AnyOf_ServedBy"];
            /** @description This engine at a version: `vllm 0.11.0`. */
            framework?: string | null;
            /** @description Engines that said to be of these versions, whichever was asked for; `unknown` where none was told. */
            engine_version?: components["schemas"]["AnyOf_string"];
            /** @description This use case. */
            use_case?: components["schemas"]["UseCase"] | null;
            /** @description This provenance. */
            provenance?: components["schemas"]["Provenance"] | null;
            /** @description This shape of traffic: `512>128`, `512>128, 64 shared`. */
            shape?: string | null;
            /**
             * Format: uint32
             * @description Prompts of so many tokens.
             */
            input_tokens?: number | null;
            /**
             * Format: uint32
             * @description Answers of so many tokens.
             */
            output_tokens?: number | null;
            /** @description Requests that arrive like this: `c16`. */
            load?: string | null;
            /** @description This endpoint. */
            protocol?: components["schemas"]["Protocol"] | null;
        };
        AnyOf_ModelName: components["schemas"]["ModelName"] | components["schemas"]["ModelName"][];
        AnyOf_OrHosted: components["schemas"]["OrHosted2"] | components["schemas"]["OrHosted2"][];
        /** @description A value that an engine has and a hosted model has not: then it is written [`HOSTED`]. */
        OrHosted2: components["schemas"]["Quantisation"] | components["schemas"]["Elsewhere"];
        AnyOf_ServedBy: components["schemas"]["ServedBy"] | components["schemas"]["ServedBy"][];
        AnyOf_string: string | string[];
        /** @description Where a number comes from. It is shown wherever the number is. */
        Provenance: "measured" | "imported" | "simulated" | "forecast";
        /** @description An upper bound on a statistic of a run: `ttft_p90 <= 300 ms`. */
        SloBound: {
            /** @description The metric. */
            metric: components["schemas"]["MetricId"];
            /** @description Its statistic. */
            statistic: components["schemas"]["Statistic"];
            /**
             * Format: double
             * @description The bound.
             */
            max_ms: number;
        };
        /** @description The latency metrics, which are distributions. */
        MetricId: "ttft" | "tpot" | "itl" | "e2e";
        /** @description Which number of a distribution is meant. */
        Statistic: "mean" | "p50" | "p90" | "p95" | "p99";
        /** @description Which price counts. */
        PriceKind: "spot" | "on-demand";
        /** @description What each group of criteria weighs in a ranking. The five add up to 1. */
        Weights: {
            /**
             * Format: double
             * @description Task accuracy: more is better.
             */
            accuracy: number;
            /**
             * Format: double
             * @description TTFT and TPOT: less is better.
             */
            latency: number;
            /**
             * Format: double
             * @description Output tokens per second: more is better.
             */
            throughput: number;
            /**
             * Format: double
             * @description USD per million output tokens: less is better.
             */
            cost: number;
            /**
             * Format: double
             * @description GPU memory used: less is better.
             */
            memory: number;
        };
        /** @description What makes the values of different criteria comparable. */
        Normalisation: "vector" | "min-max";
        /** @description A ranking with everything needed to judge it. */
        Recommendation: {
            /** @description What it is for. */
            use_case: components["schemas"]["UseCase"];
            /** @description The workload shape that was compared. */
            shape: components["schemas"]["Shape"];
            /** @description Where all of the numbers come from. */
            provenance: components["schemas"]["Provenance"];
            /** @description Which price counts. */
            price: components["schemas"]["PriceKind"];
            /** @description Where the prices of what was ranked are from: every result is reckoned at these, not at those of its own day. */
            prices?: components["schemas"]["PriceSource"][];
            /** @description The best configurations, best first. */
            entries: components["schemas"]["RankedEntry"][];
            /** @description Bounds on latencies that all of them meet. */
            bounds?: components["schemas"]["SloBound"][];
            /**
             * @description Whether these are the use case's own, since the request states none.
             * @default false
             */
            usual_bounds: boolean;
            /**
             * @description What made the values of different criteria comparable.
             * @default vector
             */
            normalisation: components["schemas"]["Normalisation"];
            /** @description How many results were looked at, and what was left out. */
            counts: components["schemas"]["Counts"];
            /** @description What each criterion weighed in the end. They add up to 1. */
            weights: components["schemas"]["CriterionWeight"][];
            /** @description Criteria that have a weight and no values. Their weight was shared out over the others. */
            criteria_dropped?: components["schemas"]["CriterionWeight"][];
            /** @description What the Pareto front is a front of. */
            front_objectives: components["schemas"]["CriterionId"][];
            /**
             * Format: uint
             * @description How many candidates are on it.
             */
            front_size: number;
            /**
             * Format: double
             * @description How much the front achieves: the share of the box between the worst and the best candidate in every objective
             *     that it dominates. 1: one candidate is the best in everything. Absent when all are alike in an objective.
             */
            front_hypervolume?: number | null;
            /** @description The member of the front from which on a little more in one objective costs much in the others. */
            knee?: components["schemas"]["ConfigId"] | null;
            /**
             * Format: uint
             * @description How many candidates cannot be told apart from the first: the most probable ones that together are first with a
             *     probability of 95 %. Absent when no value has a confidence interval.
             */
            indistinct?: number | null;
            /** @description All of that in a sentence. */
            statement: string;
        };
        /** @description The shape of a workload. */
        Shape: {
            /**
             * Format: uint32
             * @description Tokens of a prompt: their mean, where they vary.
             */
            input_tokens: number;
            /**
             * Format: uint32
             * @description Tokens of an answer: their mean, where they vary.
             */
            output_tokens: number;
            /** @description How requests differ. */
            variety?: components["schemas"]["Variety"];
            /** @description Which endpoint carries them. */
            protocol?: components["schemas"]["Protocol"];
        };
        /** @description How the requests of a workload differ from each other, and what they share. */
        Variety: {
            /** @description How the prompts' lengths spread around their mean. */
            input?: components["schemas"]["Spread"];
            /** @description How the answers' lengths do. */
            output?: components["schemas"]["Spread"];
            /**
             * Format: uint32
             * @description Tokens at the beginning of every prompt that are the same in all of them; 0: none are.
             */
            shared_prefix_tokens?: number;
            /** @description Where prompts come from, when they are not made up. */
            dataset?: components["schemas"]["DataFile"] | null;
            /** @description How requests build on each other. None: each stands alone. */
            conversation?: components["schemas"]["Conversation"] | null;
        };
        /** @description How lengths differ from their mean. */
        Spread: "none" | {
            uniform: {
                /**
                 * Format: uint32
                 * @description The least.
                 */
                low: number;
                /**
                 * Format: uint32
                 * @description The most.
                 */
                high: number;
            };
        } | {
            normal: {
                /**
                 * Format: uint32
                 * @description Standard deviation, in tokens.
                 */
                deviation: number;
            };
        } | {
            "log-normal": {
                /**
                 * Format: uint32
                 * @description Standard deviation, in tokens.
                 */
                deviation: number;
            };
        };
        /** @description A file that requests are taken from. */
        DataFile: {
            /** @description Its name without folders, for people. */
            name: string;
            /** @description Hash of its content ([`crate::content_hash::hash_bytes`]). */
            hash: string;
        };
        /**
         * @description How the requests of a conversation build on each other. The prompt of its first turn and the answers are as long as
         *     the workload says.
         */
        Conversation: {
            /** @description Turns of a conversation; of one from a dataset at most so many. */
            turns: components["schemas"]["Lengths"];
            /** @description Tokens that each turn after the first adds to what was said before: its message, as the server counts it. */
            turn_input_tokens: components["schemas"]["Lengths"];
            /** @description Time from the end of an answer until the next turn is due. */
            think_time?: components["schemas"]["ThinkTime"];
        };
        /** @description Where prices are from. */
        PriceSource: {
            /** @constant */
            from: "list";
            /** @description Which price it lists. */
            price: components["schemas"]["PriceKind"];
            /** @description The region that it holds in. */
            region: string;
            /**
             * Format: date
             * @description The day it was read.
             */
            date: string;
        } | {
            /** @constant */
            from: "spec";
            /** @description What of. */
            hardware: components["schemas"]["Hardware"];
            /**
             * Format: date
             * @description The day on which the last result with such a price was measured.
             */
            date: string;
        } | {
            /** @constant */
            from: "provider";
            /** @description Whose. */
            provider: components["schemas"]["Provider"];
            /**
             * Format: date
             * @description The day it was read.
             */
            date: string;
        } | {
            /** @constant */
            from: "spec_tokens";
            /** @description Which model. */
            model: components["schemas"]["ModelName"];
            /**
             * Format: date
             * @description The day on which the last result with such a price was measured.
             */
            date: string;
        };
        /** @description One recommended configuration. */
        RankedEntry: {
            /**
             * Format: uint
             * @description Its place, from 1.
             */
            rank: number;
            /**
             * Format: double
             * @description Its TOPSIS score: 0 is the worst value of every criterion, 1 the best.
             */
            score: number;
            /** @description The configuration's id. */
            config_id: components["schemas"]["ConfigId"];
            /** @description What to run, and the load that it was measured at. */
            configuration: components["schemas"]["Configuration"];
            /** @description The run that the numbers come from. */
            run_id: components["schemas"]["RunId"];
            /** @description Where the numbers come from. */
            provenance: components["schemas"]["Provenance"];
            /**
             * Format: date-time
             * @description When they were measured.
             */
            measured_at: string;
            /** @description What limits the conclusion. */
            flags?: components["schemas"]["Flag"][];
            /** @description Criteria whose percentile too few requests stand behind. */
            insufficient_samples?: components["schemas"]["CriterionId"][];
            /** @description What its hardware is rented as, at both prices. One server alone pays for all of its machine. */
            rent?: components["schemas"]["Rent"] | null;
            /** @description What the tokens of a hosted model cost. */
            token_rate?: components["schemas"]["TokenRate"] | null;
            /** @description Whether no other candidate is at least as good in every objective of the front and better in one. */
            on_pareto_front: boolean;
            /**
             * Format: uint
             * @description Which front it is on: 1 is the Pareto front, 2 the front of what is left without it, and so on. Absent without an
             *     objective.
             */
            front?: number | null;
            /**
             * Format: double
             * @description The probability of being first, from the confidence intervals of latencies and throughput and of the costs that
             *     follow from it; a value without an interval is taken as exact. Absent when no value has one.
             */
            probability_first?: number | null;
            /** @description The share of all requests that meet every bound at once. Absent without bounds that single requests meet. */
            attainment?: components["schemas"]["Attainment"] | null;
            /** @description What serving the target load takes. Absent without a target load. */
            capacity?: components["schemas"]["Capacity"] | null;
            /** @description How the score came about. */
            criteria: components["schemas"]["CriterionValue"][];
            /** @description The same in words, one line for each criterion, the one that costs it most first. */
            explanation: string[];
        };
        /** @description A configuration: the content hash of its canonical form. */
        ConfigId: string;
        /** @description One point of the matrix. */
        Configuration: {
            /** @description What answers; a hosted model has no precision that is known. */
            model: components["schemas"]["Offered"];
            /** @description What it runs on. */
            hardware: components["schemas"]["OrHosted"];
            /** @description The engine, or the provider. */
            framework: components["schemas"]["ServingFramework"];
            /** @description The traffic it gets. */
            workload: components["schemas"]["Workload"];
        };
        /** @description A model with its precision, where that is known. */
        Offered: {
            /** @description The model. */
            model: components["schemas"]["ModelName"];
            /** @description The precision of its weights; none of a hosted model. */
            quantisation?: components["schemas"]["Quantisation"] | null;
        };
        ServingFramework: {
            /** @description The engine, or the provider. */
            engine: components["schemas"]["ServedBy"];
            /** @description Its version, where the spec asks for one. */
            version?: string | null;
            /** @description Extra server arguments. */
            args?: string[];
        };
        /**
         * @description One workload. Everything here changes what is measured and so is part of a configuration's id; how
         *     long it is measured (requests, trials) is not, and is in [`crate::TrialPlan`].
         */
        Workload: {
            /** @description What the traffic is for. */
            use_case: components["schemas"]["UseCase"];
            /**
             * Format: uint32
             * @description Tokens of a prompt, as the server counts them: their mean, where they vary.
             */
            input_tokens: number;
            /**
             * Format: uint32
             * @description Tokens asked for in an answer: their mean, where they vary.
             */
            output_tokens: number;
            /** @description How requests arrive. */
            load: components["schemas"]["Load"];
            /**
             * @description Which endpoint carries them.
             * @default chat
             */
            protocol: components["schemas"]["Protocol"];
            /** @description How requests differ. */
            variety?: components["schemas"]["Variety"];
        };
        /** @description How requests arrive. */
        Load: {
            /** @constant */
            kind: "closed-loop";
            /**
             * Format: uint32
             * @description Requests in flight.
             */
            concurrency: number;
        } | {
            /** @constant */
            kind: "open-loop";
            /** @description Requests per second, over time. */
            rate_rps: components["schemas"]["RatePlan"];
            /** @description How they follow each other. */
            arrival: components["schemas"]["Arrival"];
        } | {
            /** @constant */
            kind: "trace";
            /** @description The trace. */
            trace: components["schemas"]["DataFile"];
            /** @description Mean requests per second at the pace at which it is replayed. */
            rate_rps: components["schemas"]["Rate"];
        } | {
            /** @constant */
            kind: "batches";
            /**
             * Format: uint32
             * @description Requests in a batch.
             */
            size: number;
        };
        /**
         * Format: double
         * @description Requests per second: from a millionth to a million.
         */
        Rate: number;
        /** @description One measured run: `<campaign>.<configuration>.t<trial>`. A result is stored once per run id. */
        RunId: string;
        /** @description What stands beside a result and limits what may be concluded. */
        Flag: "client_limited" | "rate_limited" | "not_steady" | "not_converged" | "output_length_off" | "input_length_off" | "some_failed" | "hardware_unverified";
        /** @description What configurations are compared by. */
        CriterionId: "ttft_p90" | "tpot_p90" | "output_tps" | "serving_cost_per_mtok" | "usd_per_month" | "task_accuracy" | "fidelity" | "accuracy" | "memory";
        /**
         * @description What one server of a hardware config is rented as, at both prices. The machines may differ: not every type is sold
         *     on the spot market.
         */
        Rent: {
            /** @description Without commitment. */
            on_demand: components["schemas"]["Machine"];
            /** @description On the spot market. */
            spot: components["schemas"]["Machine"];
        };
        /** @description A machine that is rented as a whole. */
        Machine: {
            /**
             * Format: double
             * @description USD per hour of all of it.
             */
            usd_per_hour: number;
            /**
             * Format: uint32
             * @description How many servers of the hardware config it has GPUs for.
             */
            servers: number;
            /** @description Where the price is from. Absent where a spec stated it. */
            listed?: components["schemas"]["Listing"] | null;
        };
        /** @description An entry of a price list. */
        Listing: {
            /** @description The type of the machine: `p5.48xlarge`. */
            instance_type: string;
            /** @description The region that the price holds in. */
            region: string;
            /**
             * Format: date
             * @description The day it was read.
             */
            date: string;
        };
        /** @description What a hosted model costs, and since when that is known. */
        TokenRate: {
            /** @description USD for a million tokens. */
            usd_per_mtok: components["schemas"]["TokenPrice"];
            /**
             * Format: date
             * @description The day on which the provider's list was read. Absent where a spec stated the price.
             */
            listed?: string | null;
        };
        /** @description A share of requests, 0 to 1. */
        Attainment: {
            /**
             * Format: double
             * @description At least so many.
             */
            at_least: number;
            /**
             * Format: double
             * @description At most so many: the same where it was measured.
             */
            at_most: number;
            /** @description Whether it was measured, and does not follow from percentiles. */
            measured: boolean;
        };
        /** @description What serving a load takes: a forecast, from the requests per second of the result. */
        Capacity: {
            /**
             * Format: uint64
             * @description Servers of the configuration's hardware.
             */
            replicas?: number;
            /**
             * Format: double
             * @description Requests per second that one of them is given at most.
             */
            rps_per_replica?: number;
            /**
             * Format: double
             * @description The target load over what all replicas are given at most.
             */
            utilisation?: number;
            /** @description Machines that the replicas are rented as: several share one where its GPUs are enough. Absent without a price. */
            machines?: components["schemas"]["Machines"] | null;
            /** @description USD per month of their machines, or of the tokens of a hosted model. Absent without a price. */
            usd_per_month?: components["schemas"]["AtPrice"] | null;
        };
        /** @description Whole machines, which may be of another type on the spot market. */
        Machines: {
            /**
             * Format: uint64
             * @description Those at the spot price.
             */
            spot: number;
            /**
             * Format: uint64
             * @description Those on demand.
             */
            on_demand: number;
        };
        /** @description A number at spot and at on-demand price. */
        AtPrice: {
            /**
             * Format: double
             * @description At the spot price.
             */
            spot: number;
            /**
             * Format: double
             * @description At the on-demand price.
             */
            on_demand: number;
        };
        /** @description A configuration's value of one criterion. */
        CriterionValue: {
            /** @description The criterion. */
            criterion: components["schemas"]["CriterionId"];
            /**
             * Format: double
             * @description The value, in the criterion's unit.
             */
            value: number;
            /**
             * Format: double
             * @description The value over the Euclidean norm of all candidates' values, or by min-max where it lies between the least (0) and
             *     the largest (1) of them.
             */
            normalised: number;
            /**
             * Format: double
             * @description The criterion's weight.
             */
            weight: number;
            /**
             * Format: double
             * @description The best value of all candidates.
             */
            best: number;
            /**
             * Format: double
             * @description The worst.
             */
            worst: number;
            /**
             * Format: uint
             * @description How many of the other candidates have a worse value.
             */
            better_than: number;
            /**
             * Format: double
             * @description How much of the squared distance to the ideal comes from this criterion. All of them add up to 1; they are 0
             *     where there is no distance.
             */
            share_of_distance: number;
        };
        /** @description How many results were looked at. */
        Counts: {
            /**
             * Format: uint
             * @description Results of the use case, provenance and shape.
             */
            considered: number;
            /**
             * Format: uint
             * @description Of these, candidates that were ranked.
             */
            ranked: number;
            /** @description The others. Each is counted once, under the first reason that holds. */
            left_out?: components["schemas"]["LeftOut"][];
        };
        /** @description Results that were left out for one reason. */
        LeftOut: {
            /** @description The reason. */
            reason: components["schemas"]["LeftOutReason"];
            /**
             * Format: uint
             * @description How many.
             */
            count: number;
        };
        /** @description Why a result is not ranked. */
        LeftOutReason: {
            /** @constant */
            kind: "client_limited";
        } | {
            /** @constant */
            kind: "rate_limited";
        } | {
            /** @constant */
            kind: "too_many_failed";
            /**
             * Format: double
             * @description The largest share that may fail, 0 to 1.
             */
            max_share: number;
        } | {
            /** @constant */
            kind: "limit_not_met";
            /** @description The bound. */
            limit: components["schemas"]["Limit"];
        } | {
            /** @constant */
            kind: "no_price";
        } | {
            /** @constant */
            kind: "missing_value";
            /** @description The criterion. */
            criterion: components["schemas"]["CriterionId"];
        };
        /** @description Something that a request bounds. */
        Limit: {
            /** @constant */
            kind: "latency";
            /** @description Its bound. */
            bound: components["schemas"]["SloBound"];
        } | {
            /** @constant */
            kind: "usd_per_hour";
            /**
             * Format: double
             * @description Most USD per hour.
             */
            max: number;
        } | {
            /** @constant */
            kind: "usd_per_month";
            /**
             * Format: double
             * @description Most USD per month.
             */
            max: number;
        };
        /** @description A criterion and its weight. */
        CriterionWeight: {
            /** @description The criterion. */
            criterion: components["schemas"]["CriterionId"];
            /**
             * Format: double
             * @description Its weight.
             */
            weight: number;
        };
        /** @description What is found. */
        Page: {
            /**
             * Format: uint
             * @description How many results there are in all.
             */
            total: number;
            /**
             * Format: uint
             * @description How many of them were passed over.
             */
            skip: number;
            /** @description Those of the page. */
            entries: components["schemas"]["CatalogEntry"][];
            /**
             * @description For each axis its values and what choosing each instead would find, the most first. A value that finds nothing
             *     is not listed.
             */
            facets: {
                [key: string]: components["schemas"]["FacetValue"][];
            };
        };
        /** @description One result. A number that was not measured is absent. */
        CatalogEntry: {
            /** @description The configuration's id. */
            config_id: components["schemas"]["ConfigId"];
            /** @description What was measured. */
            configuration: components["schemas"]["Configuration"];
            /** @description Its traffic in words: `chatbot 512>128 c16`. */
            traffic: string;
            /** @description The run that the numbers come from. */
            run_id: components["schemas"]["RunId"];
            /** @description Where the numbers come from. */
            provenance: components["schemas"]["Provenance"];
            /** @description The version of the engine that answered, as it told it itself. */
            engine_version?: string | null;
            /**
             * Format: date-time
             * @description When the window began.
             */
            measured_at: string;
            /** @description What limits the conclusion. */
            flags?: components["schemas"]["Flag"][];
            /** @description What the hardware is rented as, and where that price is from. */
            rent?: components["schemas"]["Rent"] | null;
            /** @description What the tokens of a hosted model cost, and where that price is from. */
            token_rate?: components["schemas"]["TokenRate"] | null;
            /**
             * Format: double
             * @description Time to first token, ms, median.
             */
            ttft_p50_ms?: number | null;
            /**
             * Format: double
             * @description 90th percentile.
             */
            ttft_p90_ms?: number | null;
            /**
             * Format: double
             * @description Time per output token, ms, median.
             */
            tpot_p50_ms?: number | null;
            /**
             * Format: double
             * @description 90th percentile.
             */
            tpot_p90_ms?: number | null;
            /**
             * Format: double
             * @description End-to-end latency, ms, 90th percentile.
             */
            e2e_p90_ms?: number | null;
            /**
             * Format: double
             * @description Output tokens per second.
             */
            output_tps?: number | null;
            /** @description Its 95 % confidence interval. */
            output_tps_ci95?: components["schemas"]["Interval"] | null;
            /**
             * Format: double
             * @description Requests per second.
             */
            rps?: number | null;
            /** @description USD per million output tokens in steady serving, of a machine that is full of such servers. */
            serving_cost_per_mtok?: components["schemas"]["AtPrice"] | null;
            /**
             * Format: double
             * @description The share of finished requests that failed, 0 to 1; latencies are those of the others.
             */
            failed_share?: number | null;
            /**
             * Format: double
             * @description The share of the unquantised model's tokens that come before the first that differs, 0 to 1.
             */
            fidelity?: number | null;
            /**
             * Format: double
             * @description The mean share of questions that were answered well over all tasks, 0 to 1.
             */
            task_accuracy?: number | null;
            /** @description Which questions these were, as a hash: others are not compared with them. */
            questions?: string | null;
            /**
             * Format: double
             * @description Most memory in use on any one GPU, GiB: what was taken, and not what was needed.
             */
            gpu_memory_gib?: number | null;
        };
        /** @description A 95 % confidence interval. */
        Interval: {
            /**
             * Format: double
             * @description Lower end.
             */
            low: number;
            /**
             * Format: double
             * @description Upper end.
             */
            high: number;
        };
        /** @description One value of a facet. */
        FacetValue: {
            /** @description As a filter states it. */
            value: string;
            /**
             * Format: uint
             * @description How many results.
             */
            count: number;
        };
        /** @description What is asked about: a closed loop of requests that differ in nothing but lengths and load from what was measured. */
        EstimateRequest: {
            /** @description What the traffic is for. */
            use_case: components["schemas"]["UseCase"];
            /** @description Which models, hardware and engines are estimated; all of them when absent. */
            filter?: components["schemas"]["Filter"];
            /**
             * Format: uint32
             * @description Tokens of a prompt.
             */
            input_tokens: number;
            /**
             * Format: uint32
             * @description Tokens of an answer.
             */
            output_tokens: number;
            /**
             * Format: uint32
             * @description Requests in flight.
             */
            concurrency: number;
            /** @description How requests differ, where they do. */
            variety?: components["schemas"]["Variety"];
            /** @description Which endpoint carries them. */
            protocol?: components["schemas"]["Protocol"];
            /**
             * @description Which results are estimated from.
             * @default measured
             */
            provenance: components["schemas"]["Provenance"];
            /**
             * @description Which price counts.
             * @default spot
             */
            price: components["schemas"]["PriceKind"];
            /**
             * Format: uint
             * @description Most entries in the answer, up to 1000.
             * @default 10
             */
            limit: number;
        };
        /** @description What every launch would yield that was measured near enough to tell. */
        Estimates: {
            /** @description The traffic in words: `chatbot 700>150 c24`. */
            traffic: string;
            /** @description The results that it was estimated from. */
            provenance: components["schemas"]["Provenance"];
            /** @description Which price counts. */
            price: components["schemas"]["PriceKind"];
            /** @description Where the prices are from. */
            prices?: components["schemas"]["PriceSource"][];
            /**
             * Format: uint
             * @description How many launches are estimated in all.
             */
            total: number;
            /**
             * Format: uint
             * @description How many more were measured, but only under workloads that are too far away to tell.
             */
            too_far?: number;
            /**
             * @description What was measured or lies between results before what only has one nearby; of each the cheapest per token first,
             *     and where the cost is not known, those after them that yield most.
             */
            entries: components["schemas"]["EstimatedEntry"][];
        };
        /** @description What a launch would yield. */
        EstimatedEntry: {
            /** @description What to run, or which hosted model to use. */
            launch: components["schemas"]["Serving"];
            /** @description How it is made. */
            method: components["schemas"]["Method"];
            /** @description [`Provenance::Forecast`], unless the workload itself was measured. */
            provenance: components["schemas"]["Provenance"];
            /** @description The measured configurations that it was made from: one when it was measured itself or is the nearest. */
            from: components["schemas"]["ConfigId"][];
            /**
             * Format: double
             * @description Doublings from the nearest of them; 0 when it was measured itself.
             */
            distance: number;
            /** @description What limits the conclusion from any of the results that it was made from. */
            flags?: components["schemas"]["Flag"][];
            /**
             * Format: double
             * @description Time to first token, ms, 90th percentile.
             */
            ttft_p90_ms?: number | null;
            /**
             * Format: double
             * @description Time per output token, ms, 90th percentile.
             */
            tpot_p90_ms?: number | null;
            /**
             * Format: double
             * @description Output tokens per second.
             */
            output_tps?: number | null;
            /**
             * Format: double
             * @description USD per million output tokens in steady serving, at the price asked for, of a machine that is full of such
             *     servers.
             */
            serving_cost_per_mtok?: number | null;
        };
        /** @description Either as it is written. */
        Serving: {
            /** @description What answers; a hosted model has no precision that is known. */
            model: components["schemas"]["Offered"];
            /** @description What it runs on. */
            hardware: components["schemas"]["OrHosted"];
            /** @description The engine, or the provider. */
            framework: components["schemas"]["ServingFramework"];
        };
        /** @description How an estimate is made. */
        Method: "measured" | "interpolated" | "nearest";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
