// Written by `npm run types`; not by hand.
export interface paths {
    "/v1/catalog": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A page of the latest results of all configurations, with facets
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["getCatalog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catalog.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All results that match, as CSV
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["downloadCatalogCsv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catalog.parquet": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All results that match, as Parquet
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["downloadCatalogParquet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catalog/points": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Two numbers of every result, with the fronts of both: a scatter plot
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["getPoints"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/configurations/{config_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is known of a configuration
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["getConfiguration"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/configurations/{config_id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Everything that was measured of a configuration, oldest first
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["getConfigurationHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/compare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 2 to 10 configurations side by side
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["compareConfigurations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rankings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Rankings as they were published, of the catalogue that is served
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["listRankings"];
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
        /**
         * Which configurations to run, how many of them for a load, and why
         * @description Needs the scope `read` where keys are configured.
         */
        post: operations["recommend"];
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
        /**
         * What traffic that was not measured would yield: a forecast
         * @description Needs the scope `read` where keys are configured.
         */
        post: operations["estimate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Models that ship with Assay or were measured
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hardware": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Hardware configs with what they are rented as
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["listHardware"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/frameworks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Engines
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["listFrameworks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/use-cases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Use cases with what is usual for them
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["listUseCases"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take in a file with results of another store or of another tool
         * @description Needs the scope `run` where keys are configured.
         */
        post: operations["importResults"];
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
        /**
         * Campaigns, newest first
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["listCampaigns"];
        put?: never;
        /**
         * Measure the matrix of a spec, or go on with it
         * @description Needs the scope `run` where keys are configured.
         */
        post: operations["createCampaign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What a spec would run and take, by the forecast; nothing is stored
         * @description Needs the scope `read` where keys are configured.
         */
        post: operations["planCampaign"];
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
        /**
         * How far a campaign is
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["getCampaign"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The progress of a campaign as a stream of events
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["followCampaign"];
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
        /**
         * Nothing of the campaign runs until it is resumed
         * @description Needs the scope `run` where keys are configured.
         */
        post: operations["pauseCampaign"];
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
        /**
         * A paused campaign goes on
         * @description Needs the scope `run` where keys are configured.
         */
        post: operations["resumeCampaign"];
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
        /**
         * Nothing more of the campaign runs; what was measured is kept
         * @description Needs the scope `run` where keys are configured.
         */
        post: operations["cancelCampaign"];
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
        /**
         * The report with all of its numbers
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["getReport"];
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
        /**
         * The report as a page
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["getReportHtml"];
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
        /**
         * The report for print
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["getReportPdf"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Requests, kept answers and the age of the catalogue
         * @description Needs the scope `read` where keys are configured.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the server runs */
        get: operations["isHealthy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether questions are answered */
        get: operations["isReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["getOpenApi"];
        put?: never;
        post?: never;
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
        /** @description A problem as it is written. */
        Problem: {
            /** @description The kind, as a URI that leads nowhere. */
            type: string;
            /** @description The kind in words, stable. */
            title: string;
            /**
             * Format: uint16
             * @description The HTTP status.
             */
            status: number;
            /** @description What is wrong and the mend, in one line. */
            detail: string;
            /** @description The field or parameter that is wrong, as a path: `bounds[0].max_ms`. */
            field?: string | null;
            /** @description The request's id, which is in our logs as well. */
            request_id: string;
            /** @description More for programs, such as what would have to be relaxed. */
            more?: unknown;
        };
        /** @description What a result must match; a field that is not stated matches everything. Each field is named as its [`Axis`]. */
        Filter: {
            /** @description These models. */
            model?: components["schemas"]["AnyOf_ModelName"];
            /** @description These precisions, or `hosted`. */
            quantisation?: components["schemas"]["AnyOf_QuantisationOrHosted"];
            /** @description These accelerators, in any count, or `hosted`. */
            accelerator?: components["schemas"]["AnyOf_AcceleratorOrHosted"];
            /** @description These hardware configs, or `hosted`. */
            hardware?: components["schemas"]["AnyOf_HardwareOrHosted"];
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
        /** @description The name of a model: `llama-3.1-8b-instruct`. */
        ModelName: string;
        AnyOf_QuantisationOrHosted: components["schemas"]["QuantisationOrHosted"] | components["schemas"]["QuantisationOrHosted"][];
        /** @description A value that an engine has and a hosted model has not: then it is written [`HOSTED`]. */
        QuantisationOrHosted: components["schemas"]["Quantisation"] | components["schemas"]["Elsewhere"];
        /** @description Numerical precision of the weights. */
        Quantisation: "fp16" | "fp8" | "int8" | "int4";
        /** @description Nobody told: somebody else hosts it. */
        Elsewhere: "hosted";
        AnyOf_AcceleratorOrHosted: components["schemas"]["AcceleratorOrHosted"] | components["schemas"]["AcceleratorOrHosted"][];
        /** @description A value that an engine has and a hosted model has not: then it is written [`HOSTED`]. */
        AcceleratorOrHosted: components["schemas"]["Accelerator"] | components["schemas"]["Elsewhere"];
        /** @description The accelerators that can be named in a matrix. */
        Accelerator: "cpu" | "l4" | "l40s" | "a10g" | "a100-40gb" | "a100-80gb" | "h100" | "h200" | "b200";
        AnyOf_HardwareOrHosted: components["schemas"]["HardwareOrHosted"] | components["schemas"]["HardwareOrHosted"][];
        /** @description A value that an engine has and a hosted model has not: then it is written [`HOSTED`]. */
        HardwareOrHosted: components["schemas"]["Hardware"] | components["schemas"]["Elsewhere"];
        /** @description Accelerator and count. Written `l4x1`, `h100x8`, or `cpu`. */
        Hardware: string;
        AnyOf_ServedBy: components["schemas"]["ServedBy"] | components["schemas"]["ServedBy"][];
        /** @description An engine, or the provider of hosted models. */
        ServedBy: components["schemas"]["Engine"] | components["schemas"]["Provider"];
        /** @description The engines that can be named in a matrix. */
        Engine: "vllm" | "tgi" | "lmdeploy" | "sglang" | "llama.cpp" | "simulated";
        /** @description Who serves a hosted model, which says which protocol is spoken. */
        Provider: "openai" | "anthropic";
        AnyOf_string: string | string[];
        /** @description The use cases of the brief. A pipeline tag of Hugging Face that is of one of them is read as its name. */
        UseCase: "chatbot" | "summarization" | "qa" | "code-generation" | "creative-writing";
        /** @description Where a number comes from. It is shown wherever the number is. */
        Provenance: "measured" | "imported" | "simulated" | "forecast";
        /** @description Which endpoint carries the requests. */
        Protocol: "chat" | "completions" | "completions-tokens" | "tgi" | "anthropic";
        /** @description A page of the catalogue. */
        CatalogPage: {
            /**
             * Format: uint
             * @description How many results match in all.
             */
            total: number;
            /**
             * Format: uint
             * @description How many of them are before this page.
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
            /** @description `cursor` of the next page; absent at the end. */
            next_cursor?: string | null;
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
        /** @description A configuration: the content hash of its canonical form. */
        ConfigId: string;
        /** @description One point of the matrix. */
        Configuration: {
            /** @description What answers; a hosted model has no precision that is known. */
            model: components["schemas"]["Offered"];
            /** @description What it runs on. */
            hardware: components["schemas"]["HardwareOrHosted"];
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
        /** @description A file that requests are taken from. */
        DataFile: {
            /** @description Its name without folders, for people. */
            name: string;
            /** @description Hash of its content ([`crate::content_hash::hash_bytes`]). */
            hash: string;
        };
        /**
         * Format: double
         * @description Requests per second: from a millionth to a million.
         */
        Rate: number;
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
        /** @description Tokens: 512, uniform:100-900, normal:512,128 or lognormal:512,400 (mean, deviation). */
        Lengths: number | string;
        /** @description A time: 5s, exponential:5s or lognormal:10s,8s (mean, deviation). */
        ThinkTime: string;
        /** @description One measured run: `<campaign>.<configuration>.t<trial>`. A result is stored once per run id. */
        RunId: string;
        /** @description What stands beside a result and limits what may be concluded. */
        Flag: "client_limited" | "rate_limited" | "not_steady" | "not_converged" | "output_length_off" | "input_length_off" | "some_failed" | "hardware_unverified" | "other_definition";
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
        /** @description Two numbers of every result. All columns are of one length, in the order of configuration ids. */
        Points: {
            /** @description What lies across. */
            x: components["schemas"]["Quantity"];
            /** @description What goes up. */
            y: components["schemas"]["Quantity"];
            /** @description Which configuration each point is of. */
            config_ids: components["schemas"]["ConfigId"][];
            /** @description Its number across. */
            xs: number[];
            /** @description Its number up. */
            ys: number[];
            /** @description What each point is called on some axes, its provenance among them. */
            labels: {
                [key: string]: components["schemas"]["Labels"];
            };
            /**
             * @description Points that are on no front whatever their numbers are: the client was the bottleneck, or more than a tenth of the
             *     requests failed.
             */
            not_comparable: number[];
            /** @description The fronts; none where a number has no better side. */
            fronts: components["schemas"]["PointsFront"][];
            /**
             * Format: uint
             * @description How many results match.
             */
            total: number;
            /**
             * Format: uint
             * @description How many of them lack one of the two numbers.
             */
            left_out: number;
            /**
             * Format: uint
             * @description How many were passed over for `limit`, evenly.
             */
            thinned: number;
        };
        /** @description What a column's numbers are. */
        Quantity: {
            /** @description The column's name in queries: `ttft_p90_ms`. */
            column: string;
            /** @description The unit of its numbers. */
            unit: components["schemas"]["Unit"];
            /** @description Which of them are better. Absent where neither is. */
            better?: components["schemas"]["Better"] | null;
        };
        /** @description The unit of a column. */
        Unit: "ms" | "tokens/s" | "requests/s" | "share" | "tokens/token" | "GiB" | "USD/h" | "USD/Mtok";
        /** @description Which numbers are better. */
        Better: "less" | "more";
        /** @description The names of points on an axis, each once. */
        Labels: {
            /** @description The names. */
            values: string[];
            /** @description For each point the place of its name. */
            codes: number[];
        };
        /** @description A front. */
        PointsFront: {
            /** @description Where its numbers come from. */
            provenance: components["schemas"]["Provenance"];
            /** @description What its traffic is for. */
            use_case: components["schemas"]["UseCase"];
            /** @description The shape of its traffic. */
            shape: components["schemas"]["Shape"];
            /** @description Where a number is the task accuracy: which questions were asked. */
            questions?: string | null;
            /** @description Where a number is the fidelity to a model: which model. */
            model?: string | null;
            /** @description Its points, by their number across. */
            members: number[];
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
        /** @description Which price counts. */
        PriceKind: "spot" | "on-demand";
        /** @description Configurations side by side. Places count from 0, in the order in which they were named. */
        Comparison: {
            /** @description What is compared. */
            configurations: components["schemas"]["CatalogEntry"][];
            /** @description Which price counts. */
            price: components["schemas"]["PriceKind"];
            /** @description Every number that one of them has. */
            metrics: components["schemas"]["ComparedMetric"][];
            /** @description On what they differ. */
            differences: components["schemas"]["Difference"][];
            /** @description What must be known before a conclusion is drawn. */
            warnings: components["schemas"]["CompareWarning"][];
        };
        /** @description One number of each configuration. */
        ComparedMetric: {
            /** @description The column's name in queries: `ttft_p90_ms`. */
            column: string;
            /** @description The unit of its numbers. */
            unit: components["schemas"]["Unit"];
            /** @description Which of them are better. Absent where neither is. */
            better?: components["schemas"]["Better"] | null;
            /** @description By place; null where there is none. */
            values: (number | null)[];
            /** @description Its 95 % confidence interval, where one is known. */
            intervals: (components["schemas"]["Interval"] | null)[];
            /** @description The places of the best, and of those that cannot be told apart from it. Empty where values may not be compared. */
            best: number[];
            /** @description Whether one is the best beyond doubt. Absent where intervals are missing to tell, or values may not be compared. */
            distinguishable?: boolean | null;
        };
        /** @description An axis on which configurations differ. */
        Difference: {
            /** @description The axis. */
            axis: components["schemas"]["Axis"];
            /** @description What each is called on it, by place. */
            values: string[];
        };
        /** @description The axes. Each is named as the field of [`crate::Filter`] that filters by it. */
        Axis: "model" | "quantisation" | "accelerator" | "hardware" | "engine" | "framework" | "engine_version" | "use_case" | "shape" | "input_tokens" | "output_tokens" | "load" | "protocol" | "provenance";
        /** @description Something that limits what follows from a comparison. */
        CompareWarning: {
            /** @description Its kind. */
            kind: components["schemas"]["WarningKind"];
            /** @description The places that it is about. */
            of: number[];
            /** @description What it says, with places from 1. */
            text: string;
        };
        /** @description Kinds of warnings. */
        WarningKind: "different_provenance" | "different_traffic" | "different_load" | "different_models" | "not_comparable" | "flagged" | "other_provenance";
        /** @description What is known of a configuration. */
        KnownConfiguration: {
            /** @description Its id. */
            config_id: components["schemas"]["ConfigId"];
            /** @description What it is. */
            configuration: components["schemas"]["Configuration"];
            /** @description The latest result of each provenance, as the catalogue has it. */
            entries: components["schemas"]["CatalogEntry"][];
            /** @description The same results with everything that is known of them; absent while the results store is away. */
            results?: components["schemas"]["BenchmarkResult"][] | null;
        };
        /** @description One trial's outcome and its evidence. */
        BenchmarkResult: {
            /**
             * Format: uint32
             * @description [`RESULT_SCHEMA_VERSION`] when it was written.
             */
            schema_version: number;
            /** @description Unique: a second result with this id is the same result told twice. */
            run_id: components["schemas"]["RunId"];
            /** @description The campaign that asked for it. */
            campaign: components["schemas"]["CampaignId"];
            /** @description The batch it ran in. */
            batch: components["schemas"]["BatchId"];
            /**
             * Format: uint32
             * @description Which execution of the batch, from 1.
             */
            attempt: number;
            /**
             * Format: uint32
             * @description Which repetition of the configuration, from 1.
             */
            trial: number;
            /** @description What was measured. */
            configuration: components["schemas"]["Configuration"];
            /** @description Hash of `configuration`. */
            config_id: components["schemas"]["ConfigId"];
            /** @description Where the numbers come from. */
            provenance: components["schemas"]["Provenance"];
            /**
             * Format: date-time
             * @description When the window began.
             */
            measured_at: string;
            /**
             * Format: uint64
             * @description Seed of the prompts, where it is known: of our own results it is.
             */
            seed?: number | null;
            /**
             * @description The SLO that goodput and attainment refer to: the spec's, or the usual one of the use case.
             * @default {}
             */
            slo: components["schemas"]["RequestSlo"];
            /** @description What the hardware was rented as on that day. Recommendations reckon with what it costs when they are made. */
            rent?: components["schemas"]["Rent"] | null;
            /** @description What the tokens of a hosted model cost on that day. Recommendations reckon with what they cost when they are made. */
            token_rate?: components["schemas"]["TokenRate"] | null;
            /** @description All tokens that were paid for a hosted model: those of warm-up, calibration and lost work among them. */
            tokens_sold?: components["schemas"]["TokensSold"] | null;
            /** @description The numbers. */
            metrics: components["schemas"]["Metrics"];
            /** @description What its launch keeps of what the unquantised model says. None where nobody asked, or there was no reference. */
            fidelity?: components["schemas"]["Fidelity"] | null;
            /** @description How well the launch does tasks. None where nobody asked. */
            task_accuracy?: components["schemas"]["TaskAccuracy"] | null;
            /** @description Those of conversations, by turn. */
            by_turn?: components["schemas"]["ByTurn"] | null;
            /** @description Requests and tokens. */
            counts: components["schemas"]["RequestCounts"];
            /** @description Who counted the tokens. */
            token_source: components["schemas"]["TokenSource"];
            /** @description What limits the conclusion. */
            flags?: components["schemas"]["Flag"][];
            /** @description Whether the client can be trusted. None where another tool was the client. */
            certificate?: components["schemas"]["Certificate"] | null;
            /** @description What was paid for. */
            charged: components["schemas"]["ChargedTime"];
            /** @description What it ran on. */
            environment: components["schemas"]["Environment"];
            /** @description What GPUs and engine did in the window. None where nobody looked, as in imported results. */
            telemetry?: components["schemas"]["RunTelemetry"] | null;
            /** @description Object key of the raw records. */
            raw_records?: string | null;
            /**
             * @description Where it is from, when another tool measured it. None of results of our own runner, also of those that another
             *     store told.
             */
            imported?: components["schemas"]["Imported"] | null;
        };
        /** @description A campaign: `<spec name>-<hash of the spec>`, with `.N` for its Nth repetition. */
        CampaignId: string;
        /** @description A batch: `<campaign>.b<index>`. */
        BatchId: string;
        /** @description Bounds that one request must meet, all of them. A missing metric fails. */
        RequestSlo: {
            /** @description Longest time to first token. */
            ttft?: components["schemas"]["WrittenDuration"] | null;
            /** @description Longest time per output token. */
            tpot?: components["schemas"]["WrittenDuration"] | null;
            /** @description Longest end-to-end latency. */
            e2e?: components["schemas"]["WrittenDuration"] | null;
        };
        /** @description A duration that was written as text. Zero and up, finite. */
        WrittenDuration: string;
        /** @description Tokens that are paid for. */
        TokensSold: {
            /**
             * Format: uint64
             * @description Of prompts.
             */
            input: number;
            /**
             * Format: uint64
             * @description Of these, those that a prompt cache answered.
             * @default 0
             */
            cached_input: number;
            /**
             * Format: uint64
             * @description Of answers, reasoning included.
             */
            output: number;
        };
        /** @description Everything measured in one run. A field without a value was not measured, which is not zero. */
        Metrics: {
            /** @description Time to first token, ms. Of our own results none lacks it, nor the end-to-end latency and both from the schedule. */
            ttft?: components["schemas"]["Summary"] | null;
            /** @description Time to first output (non-reasoning) token, ms. Only for models that reason. */
            ttfo?: components["schemas"]["Summary"] | null;
            /** @description End-to-end latency, ms. */
            e2e?: components["schemas"]["Summary"] | null;
            /** @description Time per output token, ms. None when no answer was longer than its first event. */
            tpot?: components["schemas"]["Summary"] | null;
            /** @description Gaps between consecutive content events, ms. */
            itl?: components["schemas"]["Summary"] | null;
            /** @description Whether events carry more than one token, so that `itl` is not per token. */
            itl_multi_token: boolean;
            /** @description Percentiles over all finished requests, where some failed. The distributions beside it are of those that did not. */
            of_all?: {
                [key: string]: components["schemas"]["OfAllRequests"];
            };
            /** @description `ttft` from the scheduled instant, ms. */
            ttft_sched?: components["schemas"]["Summary"] | null;
            /** @description `e2e` from the scheduled instant, ms. */
            e2e_sched?: components["schemas"]["Summary"] | null;
            /** @description Tokens per second that one user sees: 1000 / tpot of each request. */
            tps_per_user?: components["schemas"]["Summary"] | null;
            /**
             * Format: double
             * @description Output tokens of successful requests in the window, per second.
             */
            output_tps: number;
            /** @description 95 % confidence interval of `output_tps`. None where the window was too short to tell one. */
            output_tps_ci95?: components["schemas"]["Interval"] | null;
            /**
             * Format: double
             * @description Input and output tokens in the window, per second; of another tool's it may be [untold](crate::untold), as `rps`.
             */
            total_tps?: number;
            /**
             * Format: double
             * @description Successful requests in the window, per second.
             */
            rps?: number;
            /**
             * Format: double
             * @description `output_tps` per GPU. None without a GPU.
             */
            tps_per_gpu?: number | null;
            /**
             * Format: double
             * @description Requests per second that met every stated SLO. None when no SLO was stated.
             */
            goodput?: number | null;
            /**
             * Format: double
             * @description Share of finished requests (errors included) that met every stated SLO.
             */
            attainment?: number | null;
            /** @description USD per million output tokens of this measurement: engine start, warm-up and lost work charged. */
            cost_per_mtok?: components["schemas"]["AtPrice"] | null;
            /**
             * @description USD per million output tokens of steady serving at this load: price per hour / (`output_tps` x 3600)
             *     x 10^6. This is what deployments are compared by.
             */
            serving_cost_per_mtok?: components["schemas"]["AtPrice"] | null;
            /**
             * Format: double
             * @description Joules per output token. None without power telemetry.
             */
            energy_per_tok?: number | null;
        };
        /**
         * @description A distribution of one metric over the requests (or gaps) of a run. Our own runner tells all of it; what another tool
         *     did not tell is [untold](crate::untold).
         */
        Summary: {
            /**
             * Format: uint64
             * @description How many values there are; 0 where another tool did not tell. An empty distribution has no summary.
             */
            count: number;
            /**
             * Format: double
             * @description Mean.
             */
            mean?: number;
            /**
             * Format: double
             * @description Standard deviation of the sample (n - 1); 0 with one value.
             */
            std?: number;
            /**
             * Format: double
             * @description Smallest.
             */
            min?: number;
            /**
             * Format: double
             * @description Largest.
             */
            max?: number;
            /**
             * Format: double
             * @description Median.
             */
            p50?: number;
            /**
             * Format: double
             * @description 90th percentile.
             */
            p90?: number;
            /**
             * Format: double
             * @description 95th percentile.
             */
            p95?: number;
            /**
             * Format: double
             * @description 99th percentile.
             */
            p99?: number;
            /** @description 95 % confidence intervals, for the statistics that have one. */
            ci95?: {
                [key: string]: components["schemas"]["Interval"];
            };
            /** @description Statistics for which there are too few values to make a claim. */
            insufficient_samples?: components["schemas"]["Statistic"][];
        };
        /** @description Which number of a distribution is meant. */
        Statistic: "mean" | "p50" | "p90" | "p95" | "p99";
        /**
         * @description Percentiles of a latency over all finished requests, ms: one that failed is taken to wait for ever. Without a value
         *     where so many failed that the percentile has no end.
         */
        OfAllRequests: {
            /**
             * Format: double
             * @description Median.
             */
            p50?: number | null;
            /**
             * Format: double
             * @description 90th percentile.
             */
            p90?: number | null;
            /**
             * Format: double
             * @description 95th percentile.
             */
            p95?: number | null;
            /**
             * Format: double
             * @description 99th percentile.
             */
            p99?: number | null;
        };
        /** @description Continuations of fixed prompts, compared with those of the unquantised model. */
        Fidelity: {
            /**
             * Format: uint32
             * @description Prompts that were continued.
             */
            prompts: number;
            /** @description How the continuations agree with the reference's. */
            agreement: components["schemas"]["Agreement"];
            /** @description How the reference's second pass does. */
            floor: components["schemas"]["Agreement"];
            /** @description What is lost. */
            loss: components["schemas"]["Loss"];
        };
        /** @description How continuations agree with those of the reference. */
        Agreement: {
            /**
             * Format: double
             * @description Share of all tokens that come before the first that differs in their continuation, 0 to 1.
             */
            until_divergence: number;
            /**
             * Format: double
             * @description Share of all tokens that are the same at the same place.
             */
            tokens: number;
            /**
             * Format: double
             * @description Share of continuations that are the same to the last token.
             */
            exact: number;
            /**
             * Format: double
             * @description Tokens before the first that differs, in the mean.
             */
            mean_tokens_until_divergence: number;
        };
        /** @description What is lost against the reference's own second pass. */
        Loss: {
            /**
             * Format: double
             * @description Mean over prompts of how much less of the continuation comes before the first difference, as a share.
             */
            agreement: number;
            /** @description Its 95 % interval. */
            agreement_ci95: components["schemas"]["Interval"];
            /**
             * Format: uint64
             * @description Prompts whose continuation only the reference's second pass kept.
             */
            kept_by_floor_only: number;
            /**
             * Format: uint64
             * @description Prompts whose continuation only this model kept.
             */
            kept_by_own_only: number;
            /**
             * Format: double
             * @description How likely the former would be as many or more, were nothing lost (McNemar's exact test, one-sided).
             */
            p_value: number;
        };
        /** @description The scores of a launch. */
        TaskAccuracy: {
            /** @description Who asked and scored, with its version. */
            harness: string;
            /** @description Which questions were asked and how they were scored: a hash. Others are not compared with these. */
            questions: string;
            /** @description What was asked for, in that order. */
            tasks: components["schemas"]["TaskScores"][];
            /** @description The object that has all that the harness wrote. */
            object: string;
        };
        /** @description The scores of a task, or of a group of tasks. */
        TaskScores: {
            /** @description Its name. */
            task: components["schemas"]["TaskName"];
            /** @description Its version. */
            version?: string | null;
            /** @description The harness's hash of all questions, prompts and right answers. A group has none. */
            hash?: string | null;
            /**
             * Format: uint64
             * @description Examples in each prompt.
             */
            shots?: number | null;
            /**
             * Format: uint64
             * @description Questions that were asked.
             */
            questions: number;
            /**
             * Format: uint64
             * @description Questions that it has.
             */
            of: number;
            /** @description The scores, in the order of the task. */
            scores: components["schemas"]["Score"][];
        };
        /** @description The name of a task, or of a group of tasks, as the harness knows it. It is no path: the harness would read and run what is there. */
        TaskName: string;
        /** @description One metric of a task. */
        Score: {
            /** @description The metric: `acc`, `exact_match` and so on. */
            metric: string;
            /** @description What was taken of an answer before it was scored; `none` for all of it. */
            filter: string;
            /**
             * Format: double
             * @description The value.
             */
            value: number;
            /**
             * Format: double
             * @description Its standard error, where the harness tells it.
             */
            stderr?: number | null;
        };
        /** @description The measured requests of conversations in the window, by turn. */
        ByTurn: {
            /**
             * Format: uint64
             * @description Conversations that they belong to.
             */
            conversations: number;
            /**
             * Format: uint64
             * @description Those of them that ended before their last turn, since a request failed or its answer held no text.
             */
            broken_off: number;
            /** @description First turns. */
            first?: components["schemas"]["OfTurns"] | null;
            /** @description All later turns. */
            later?: components["schemas"]["OfTurns"] | null;
            /** @description Each turn, from 1. */
            each: {
                [key: string]: components["schemas"]["OfTurns"];
            };
        };
        /** @description What some turns yielded. */
        OfTurns: {
            /**
             * Format: uint64
             * @description Requests that succeeded.
             */
            succeeded: number;
            /**
             * Format: double
             * @description Tokens of their prompts, what was said before among them: the mean of those that the server counted.
             */
            input_tokens?: number | null;
            /** @description Time to first token, ms. */
            ttft: components["schemas"]["Summary"];
        };
        /** @description Requests and tokens of the measured part of a run. */
        RequestCounts: {
            /**
             * Format: uint64
             * @description Requests that ended well.
             */
            succeeded: number;
            /** @description Requests that did not, by reason. */
            failed?: {
                [key: string]: number;
            };
            /**
             * Format: uint64
             * @description Prompt tokens of the successful ones, without those of `input_uncounted`.
             */
            input_tokens: number;
            /**
             * Format: uint64
             * @description Successful ones whose prompt tokens nobody counted.
             */
            input_uncounted?: number;
            /**
             * Format: uint64
             * @description Of `input_tokens`, those that a prompt cache answered, where the server tells.
             */
            cached_input_tokens?: number;
            /**
             * Format: uint64
             * @description Answer tokens of the successful ones.
             */
            output_tokens: number;
            /**
             * Format: uint64
             * @description Refusals after which a slot of a closed loop waited as long as the server asked (`Retry-After`).
             */
            retry_waits?: number;
            /**
             * Format: uint64
             * @description How long these slots waited in sum, ms: the load was lower by that.
             */
            retry_wait_ms?: number;
        };
        /** @description Who counted the tokens. */
        TokenSource: "server-usage" | "content-events" | "other-tool";
        /** @description Whether the load generator could be trusted during a run. */
        Certificate: {
            /** @description Thresholds that were crossed, in words. Empty: the client was not the bottleneck. */
            violations: string[];
            /**
             * Format: double
             * @description `t_send - t_sched`, ms: median.
             */
            issue_lag_p50_ms: number;
            /**
             * Format: double
             * @description 99th percentile.
             */
            issue_lag_p99_ms: number;
            /**
             * Format: double
             * @description Largest.
             */
            issue_lag_max_ms: number;
            /**
             * Format: double
             * @description How late the client's event loop woke up, ms: 99th percentile.
             */
            loop_stall_p99_ms: number;
            /**
             * Format: double
             * @description Largest.
             */
            loop_stall_max_ms: number;
            /**
             * Format: double
             * @description Processor time of the client's IO thread / wall time: 1.0 is a full core.
             */
            io_thread_cpu: number;
            /**
             * Format: double
             * @description Processor time of the whole client / wall time, in cores.
             */
            client_cpu_cores: number;
            /**
             * @description What the client can do on its host and what was asked of it. None: it was not calibrated, or the window was
             *     too short to tell.
             */
            capacity?: components["schemas"]["ClientCapacity"] | null;
            /**
             * Format: uint32
             * @description Most sockets open at once.
             */
            open_sockets: number;
            /**
             * Format: uint32
             * @description Most sockets that the client's process may open. None: there is no limit, or nobody looked.
             */
            socket_limit?: number | null;
            /**
             * Format: uint64
             * @description Arrivals that were due and never sent.
             */
            dropped_arrivals: number;
            /**
             * Format: double
             * @description In an open loop, requests per second that were due.
             */
            requested_rps?: number | null;
            /**
             * Format: double
             * @description In an open loop, requests per second that were sent.
             */
            achieved_rps?: number | null;
        };
        /**
         * @description What a load generator can do on its host, as it was calibrated against a stub that answers at once, and how much
         *     of it a run asked for.
         */
        ClientCapacity: {
            /**
             * Format: double
             * @description Most content events per second of its IO thread, each in a read of its own.
             */
            most_events_per_s: number;
            /**
             * Format: double
             * @description Most requests per second, with an answer of one event each.
             */
            most_requests_per_s: number;
            /**
             * Format: double
             * @description Reads per second during the run. A server may put several events into one.
             */
            events_per_s: number;
            /**
             * Format: double
             * @description Requests per second that ended during the run.
             */
            requests_per_s: number;
            /**
             * Format: double
             * @description The share of what it can do that both took together.
             */
            used: number;
        };
        /**
         * @description Time charged to a result, in seconds. Of another tool's run at most the window is known; the rest is
         *     [untold](crate::untold).
         */
        ChargedTime: {
            /**
             * Format: double
             * @description This configuration's share of the engine's start.
             */
            engine_start_s?: number;
            /**
             * Format: double
             * @description Warm-up, and the drain after the window.
             */
            warm_up_s?: number;
            /**
             * Format: double
             * @description The measured window.
             */
            window_s?: number;
            /**
             * Format: double
             * @description Work of earlier attempts at this trial that was lost.
             */
            lost_s?: number;
        };
        /** @description What the run ran on. */
        Environment: {
            /** @description The engine's version as it reports it. */
            engine_version?: string | null;
            /** @description The command line the engine was started with; empty when it was attached to. */
            engine_command?: string[];
            /** @description The weights, where we fetched them. */
            weights?: components["schemas"]["WeightsUsed"] | null;
            /** @description Version of the runner; of an imported result the name and version of the tool. */
            runner_version: string;
            /** @description Git revision of the runner, where it was built from a checkout. */
            runner_revision?: string | null;
            /** @description Digest of the container image. */
            image_digest?: string | null;
            /** @description The processor's model name. */
            cpu_model?: string | null;
            /**
             * Format: uint32
             * @description Logical processors; 0 where nobody told.
             * @default 0
             */
            cpu_count: number;
            /** @description GPUs found, by product name. */
            gpus?: string[];
            /** @description Version of the GPU driver. */
            gpu_driver?: string | null;
        };
        /** @description Weights that were fetched for a launch. */
        WeightsUsed: {
            /** @description Where from, as the launch says it. */
            address: string;
            /** @description The commit of the hub that the revision was at. */
            commit?: string | null;
            /** @description SHA-256 of the listing: paths, lengths and checksums of all files. */
            content: string;
            /**
             * Format: uint64
             * @description Bytes that were fetched when the engine was started; 0 where all were there.
             */
            fetched_bytes: number;
            /**
             * Format: uint64
             * @description How long it took to ask for them, fetch them and check them, ms. It is part of the engine's start.
             */
            fetch_ms: number;
        };
        /** @description The telemetry of a run, of its window alone. */
        RunTelemetry: {
            /** @description The GPUs of the engine. */
            gpus: components["schemas"]["Watched"];
            /** @description The engine, by its own metrics. */
            engine: components["schemas"]["Watched2"];
        };
        /** @description What was seen, or why nothing was. */
        Watched: {
            seen: components["schemas"]["GpuTelemetry"][];
        } | {
            unseen: string;
        };
        /** @description One GPU during the window. What its driver does not tell is absent. */
        GpuTelemetry: {
            /** @description Which one: its index in the order of the PCI bus, or its UUID. */
            device: string;
            /**
             * Format: uint32
             * @description Readings in the window.
             */
            readings: number;
            /**
             * Format: double
             * @description Mean share of the time in which some kernel ran.
             */
            utilisation_mean?: number | null;
            /**
             * Format: uint64
             * @description Most memory in use, by whatever uses it, bytes.
             */
            memory_max_bytes?: number | null;
            /**
             * Format: double
             * @description Mean board power, W: from its energy counter where it has one, else the mean of the readings.
             */
            power_mean_w?: number | null;
            /**
             * Format: double
             * @description Mean clock of the multiprocessors, MHz.
             */
            sm_clock_mean_mhz?: number | null;
            /**
             * Format: double
             * @description Highest temperature, degrees Celsius.
             */
            temperature_max_c?: number | null;
            /**
             * Format: double
             * @description Share of the readings in which heat or power kept the clocks down.
             */
            throttled_share?: number | null;
        };
        /** @description What was seen, or why nothing was. */
        Watched2: {
            seen: components["schemas"]["EngineTelemetry"];
        } | {
            unseen: string;
        };
        /** @description An engine during the window, by its `/metrics`. What it does not tell is absent. */
        EngineTelemetry: {
            /**
             * Format: uint32
             * @description Readings in the window.
             */
            readings: number;
            /** @description Requests that it worked on. */
            running?: components["schemas"]["MeanAndMax"] | null;
            /** @description Requests that waited in it. */
            waiting?: components["schemas"]["MeanAndMax"] | null;
            /** @description Share of the KV cache in use. */
            kv_cache_use?: components["schemas"]["MeanAndMax"] | null;
            /**
             * Format: uint64
             * @description Requests that lost their place in the KV cache and were begun again.
             */
            preemptions?: number | null;
            /**
             * Format: double
             * @description Share of the prompt tokens that came from the prefix cache.
             */
            prefix_cache_hit_share?: number | null;
        };
        /** @description A gauge over the window. */
        MeanAndMax: {
            /**
             * Format: double
             * @description Mean of the readings.
             */
            mean: number;
            /**
             * Format: double
             * @description Largest reading.
             */
            max: number;
        };
        /** @description Where an imported result is from. */
        Imported: {
            /** @description What kind of file it was read from. */
            format: components["schemas"]["ForeignFormat"];
            /** @description The version of the tool, where the file tells it. */
            tool_version?: string | null;
            /** @description SHA-256 of the file, in hexadecimal digits. */
            sha256: string;
            /** @description Where in the file it is, such as `benchmarks[2]`; empty when it is all of it. */
            place?: string;
            /** @description What the file does not say and whoever imported it stated, by field. */
            stated?: string[];
            /** @description Numbers under other definitions than ours. */
            quantities?: {
                [key: string]: components["schemas"]["OtherQuantity"];
            };
            /** @description Of these, those that stand for ours, since whoever imported them said so. */
            accepted?: components["schemas"]["Definition"][];
            /**
             * @description What the file says of it, as it says it: what we have no word for is not lost. Lists of single requests are left
             *     away.
             */
            original?: {
                [key: string]: unknown;
            };
        };
        /** @description A format of results that is not ours. */
        ForeignFormat: "vllm-bench" | "guidellm" | "aiperf" | "inference-perf" | "inferencex" | "llm-d" | "inference-benchmarker";
        /** @description A quantity of another definition. */
        OtherQuantity: components["schemas"]["Summary"] | number;
        /** @description A definition of a quantity that is none of ours (docs/imports.md). */
        Definition: "ttft_first_chunk" | "ttft_first_output" | "ttft_undefined" | "e2e_stream_end" | "e2e_per_token" | "itl_per_token" | "token_gap_undefined" | "second_token" | "total_tps_per_gpu";
        /** @description What was measured of a configuration, one result after another. */
        History: {
            /** @description Its id. */
            config_id: components["schemas"]["ConfigId"];
            /** @description Results, oldest first. While the results store is away these are the latest of each provenance, with a `Warning`. */
            entries: components["schemas"]["HistoryEntry"][];
            /**
             * Format: uint
             * @description How many there are before the oldest of them.
             */
            older: number;
        };
        /** @description One result of a history. A number that was not measured is absent. */
        HistoryEntry: {
            /** @description The run. */
            run_id: components["schemas"]["RunId"];
            /** @description Its campaign; absent while the results store is away. */
            campaign?: components["schemas"]["CampaignId"] | null;
            /**
             * Format: date-time
             * @description When the window began.
             */
            measured_at: string;
            /** @description Where the numbers come from. */
            provenance: components["schemas"]["Provenance"];
            /** @description The version of the engine, as it told it. */
            engine_version?: string | null;
            /** @description Whether the result of this provenance before was of another version. */
            engine_version_changed: boolean;
            /** @description What limits the conclusion. */
            flags: components["schemas"]["Flag"][];
            /** @description Whether it may be ranked. */
            rankable: boolean;
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
            /**
             * Format: double
             * @description The share of finished requests that failed, 0 to 1.
             */
            failed_share?: number | null;
        };
        /** @description What to recommend for. */
        RecommendationRequest: {
            /**
             * @description What the traffic is for. Without it `input_tokens` and `output_tokens` say what is asked about: the nearest workload
             *     that was measured stands for it, the answer names it, all groups of criteria weigh alike unless `weights` say
             *     otherwise, and only stated bounds hold.
             */
            use_case?: components["schemas"]["UseCase"] | null;
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
             * @description Tokens of a prompt; with a use case, as they were measured.
             */
            input_tokens?: number | null;
            /**
             * Format: uint32
             * @description Tokens of an answer; with a use case, as they were measured.
             */
            output_tokens?: number | null;
            /**
             * Format: uint32
             * @description Requests in flight on one server: only results of the nearest closed loop that was measured compete. When absent
             *     results of every load do, since the load of a server is a choice.
             */
            concurrency?: number | null;
            /**
             * @description Bounds that a configuration must meet, all of them; an empty list for none. When absent, nine of ten
             *     requests must meet what is usual for the use case, each bound taken alone.
             */
            bounds?: components["schemas"]["SloBound"][] | null;
            /** @description The least accuracy. What nobody asked is left out. */
            min_accuracy?: components["schemas"]["MinAccuracy"] | null;
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
            /** @description How candidates are ordered. */
            method?: components["schemas"]["Method"];
            /** @description The criteria that decide by the method `lexicographic`, the most important first. */
            order?: components["schemas"]["Turn"][];
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
        /** @description The least accuracy of what is recommended. */
        MinAccuracy: {
            /** @description What it is measured as. */
            measure: components["schemas"]["AccuracyMeasure"];
            /**
             * Format: double
             * @description The least share, 0 to 1.
             */
            at_least: number;
            /** @description Of task accuracy: which questions, by their hash. Needed when results of several are there. */
            questions?: string | null;
        };
        /** @description What accuracy is measured as. */
        AccuracyMeasure: "task_accuracy" | "fidelity";
        /** @description How candidates are ordered. */
        Method: "topsis" | "pareto" | "lexicographic";
        /** @description A criterion in its turn. */
        Turn: {
            /**
             * @description The criterion. Either cost is the one that counts, which a target load decides, and `accuracy` whichever can be
             *     compared.
             */
            criterion: components["schemas"]["CriterionId"];
            /**
             * Format: double
             * @description How much worse than the best a candidate may be to go on: a share of the best value, 0.05 for 5 %.
             */
            tolerance?: number;
        };
        /** @description What configurations are compared by. */
        CriterionId: "ttft_p90" | "tpot_p90" | "output_tps" | "serving_cost_per_mtok" | "usd_per_month" | "task_accuracy" | "fidelity" | "accuracy" | "memory";
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
        /** @description A ranking with everything needed to judge it. */
        Recommendation: {
            /** @description What it is for. */
            use_case: components["schemas"]["UseCase"];
            /** @description The workload shape that was compared. */
            shape: components["schemas"]["Shape"];
            /** @description Which workload stands for the one that was asked about by its numbers. Absent where the request names one. */
            nearest?: components["schemas"]["NearestWorkload"] | null;
            /**
             * @description How the entries are ordered.
             * @default topsis
             */
            method: components["schemas"]["Method"];
            /** @description By which criteria in turn, where that is the method. */
            order?: components["schemas"]["Turn"][];
            /** @description Where all of the numbers come from. */
            provenance: components["schemas"]["Provenance"];
            /** @description Which price counts. */
            price: components["schemas"]["PriceKind"];
            /** @description Where the prices of what was ranked are from: every result is reckoned at these, not at those of its own day. */
            prices?: components["schemas"]["PriceSource"][];
            /** @description The best configurations, best first; by the method `pareto` those on the front, the best by score first. */
            entries: components["schemas"]["RankedEntry"][];
            /** @description Bounds on latencies that all of them meet. */
            bounds?: components["schemas"]["SloBound"][];
            /**
             * @description Whether these are the use case's own, since the request states none.
             * @default false
             */
            usual_bounds: boolean;
            /** @description The least accuracy that all of them have. */
            min_accuracy?: components["schemas"]["MinAccuracy"] | null;
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
             * @description How many candidates cannot be told apart by score: the most probable ones that together are first with a
             *     probability of 95 %. Absent when no value has a confidence interval, or another method decides.
             */
            indistinct?: number | null;
            /** @description Those of them that are not the first entry, the most probable first. */
            alternatives?: components["schemas"]["Alternative"][];
            /** @description All of that in a sentence. */
            statement: string;
        };
        /** @description The workload that stands for what was asked about. */
        NearestWorkload: {
            /** @description What was asked about. */
            asked: components["schemas"]["AskedWorkload"];
            /** @description What the traffic that was measured is for. */
            use_case: components["schemas"]["UseCase"];
            /** @description Its shape. */
            shape: components["schemas"]["Shape"];
            /**
             * Format: uint32
             * @description Its requests in flight, where they were asked about: only results of this load compete.
             */
            concurrency?: number | null;
            /**
             * Format: double
             * @description How far it is from what was asked about, in doublings; 0: it was measured itself.
             */
            doublings: number;
        };
        /** @description A workload that was asked about by its numbers. */
        AskedWorkload: {
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
             * Format: uint32
             * @description Requests in flight.
             */
            concurrency?: number | null;
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
             * @description Its TOPSIS score, by whatever method it is listed: 0 is the worst value of every criterion, 1 the best.
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
            /**
             * @description The numbers that people look at first, whatever was compared.
             * @default {}
             */
            numbers: components["schemas"]["KeyNumbers"];
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
            /**
             * @description Why it is where it is: by score one line for each criterion, the one that costs it most first; by turns one for each
             *     criterion in its turn.
             */
            explanation: string[];
        };
        /** @description Numbers of a result. One that was not measured is absent. */
        KeyNumbers: {
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
             * @description USD per million output tokens in steady serving, at the price asked for, of a machine that is full of such servers.
             */
            serving_cost_per_mtok?: number | null;
            /**
             * Format: double
             * @description The mean share of questions that were answered well over all tasks, 0 to 1.
             */
            task_accuracy?: number | null;
            /**
             * Format: double
             * @description The share of the unquantised model's tokens that come before the first that differs, 0 to 1.
             */
            fidelity?: number | null;
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
            kind: "accuracy_unknown";
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
        } | {
            /** @constant */
            kind: "accuracy";
            /** @description What it is measured as. */
            measure: components["schemas"]["AccuracyMeasure"];
            /**
             * Format: double
             * @description The least share.
             */
            at_least: number;
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
        /** @description A configuration that might as well be the first. */
        Alternative: {
            /** @description Its id. */
            config_id: components["schemas"]["ConfigId"];
            /** @description What it is. */
            configuration: components["schemas"]["Configuration"];
            /**
             * Format: double
             * @description The probability that it is the first.
             */
            probability_first: number;
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
            method: components["schemas"]["Method2"];
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
            hardware: components["schemas"]["HardwareOrHosted"];
            /** @description The engine, or the provider. */
            framework: components["schemas"]["ServingFramework"];
        };
        /** @description How an estimate is made. */
        Method2: "measured" | "interpolated" | "nearest";
        /** @description Rankings of the revision that the catalogue is of. */
        Rankings: {
            /**
             * Format: uint64
             * @description The revision of the results.
             */
            revision: number;
            /** @description By use case, shape and provenance. None where nothing was published of this revision. */
            rankings: components["schemas"]["Ranking"][];
        };
        /** @description A ranking. */
        Ranking: {
            /** @description What the traffic is for. */
            use_case: components["schemas"]["UseCase"];
            /** @description The shape of the traffic. */
            shape: string;
            /** @description Where the numbers come from. */
            provenance: components["schemas"]["Provenance"];
            /** @description Best first. */
            entries: components["schemas"]["Place"][];
        };
        /** @description A place in a ranking. */
        Place: {
            /**
             * Format: uint
             * @description The place, from 1.
             */
            rank: number;
            /** @description The configuration. */
            config_id: components["schemas"]["ConfigId"];
            /** @description The model. */
            model: components["schemas"]["ModelName"];
            /** @description The precision of its weights; none of a hosted model. */
            quantisation?: components["schemas"]["Quantisation"] | null;
            /** @description The run that its numbers come from. */
            run_id: components["schemas"]["RunId"];
            /**
             * Format: double
             * @description Its score, from 0 to 1.
             */
            score: number;
            /** @description Whether no other is at least as good in every objective and better in one. */
            on_pareto_front: boolean;
            /**
             * Format: double
             * @description The probability of being first, where it is known.
             */
            probability_first?: number | null;
        };
        /** @description Models by name. */
        Models: {
            /** @description Those that ship with Assay and those that were measured. */
            models: components["schemas"]["Model"][];
        };
        /** @description A model. */
        Model: {
            /** @description Its name. */
            name: components["schemas"]["ModelName"];
            /** @description Who runs it, where it is a hosted one that ships with Assay. */
            provider?: components["schemas"]["Provider"] | null;
            /** @description What its tokens cost, USD per million. */
            usd_per_mtok?: components["schemas"]["TokenPrice"] | null;
            /** @description The repository with its weights. */
            hub?: string | null;
            /** @description Precisions in which its weights can be got. */
            quantisations: components["schemas"]["Quantisation"][];
            /**
             * Format: uint64
             * @description All parameters.
             */
            parameters?: number | null;
            /**
             * Format: uint64
             * @description Those that a token takes.
             */
            active_parameters?: number | null;
            /**
             * Format: uint32
             * @description Longest context, tokens.
             */
            context_tokens?: number | null;
            /** @description How many results there are. */
            results: {
                [key: string]: number;
            };
        };
        /** @description Hardware configs. */
        HardwareList: {
            /** @description All that can be asked for. */
            hardware: components["schemas"]["HardwareConfig"][];
        };
        /** @description A hardware config. */
        HardwareConfig: {
            /** @description Its name. */
            name: components["schemas"]["Hardware"];
            /** @description The accelerator. */
            accelerator: components["schemas"]["Accelerator"];
            /**
             * Format: uint32
             * @description How many.
             */
            count: number;
            /** @description Its generation. */
            generation: components["schemas"]["Generation"];
            /**
             * Format: double
             * @description Memory of each, GiB.
             */
            memory_gib?: number | null;
            /**
             * Format: double
             * @description Memory bandwidth of each, GB/s.
             */
            bandwidth_gb_per_s?: number | null;
            /** @description What it is rented as. */
            rent?: components["schemas"]["Rent"] | null;
            /** @description How many results there are. */
            results: {
                [key: string]: number;
            };
        };
        /** @description A **generation** of accelerators: what decides which precisions its arithmetic units know. */
        Generation: "cpu" | "ampere" | "ada" | "hopper" | "blackwell";
        /** @description Engines. */
        Frameworks: {
            /** @description All that can be asked for. */
            frameworks: components["schemas"]["FrameworkFacts"][];
        };
        /** @description An engine. */
        FrameworkFacts: {
            /** @description Its name. */
            name: components["schemas"]["Engine"];
            /** @description Precisions that it runs, and on which generations. */
            precisions: {
                [key: string]: components["schemas"]["Generation"][];
            };
            /** @description How it shares a model out over GPUs. */
            parallelism: components["schemas"]["Parallelism"][];
            /** @description How many results there are by the version that was asked for. */
            versions: {
                [key: string]: {
                    [key: string]: number;
                };
            };
            /** @description How many results there are. */
            results: {
                [key: string]: number;
            };
        };
        /** @description A way to share a model out over accelerators. */
        Parallelism: "tensor" | "pipeline" | "expert" | "layer";
        /** @description Use cases. */
        UseCases: {
            /** @description All of them. */
            use_cases: components["schemas"]["KnownUseCase"][];
        };
        /** @description A use case. */
        KnownUseCase: {
            /** @description Its name. */
            name: components["schemas"]["UseCase"];
            /** @description The Hugging Face pipeline tags that it goes by. */
            pipeline_tags: string[];
            /** @description Tokens of a prompt. */
            input_tokens: components["schemas"]["TypicalLength"];
            /** @description Tokens of an answer. */
            output_tokens: components["schemas"]["TypicalLength"];
            /** @description What a request must meet to count as good. */
            slo: components["schemas"]["RequestSlo"];
            /** @description What each group of criteria weighs in a ranking. */
            weights: components["schemas"]["Weights"];
            /** @description The shapes of traffic that were measured for it. */
            shapes: {
                [key: string]: {
                    [key: string]: number;
                };
            };
            /** @description How many results there are. */
            results: {
                [key: string]: number;
            };
        };
        /** @description Mean and standard deviation of a length, in tokens. */
        TypicalLength: {
            /**
             * Format: double
             * @description Mean.
             */
            mean: number;
            /**
             * Format: double
             * @description Standard deviation.
             */
            deviation: number;
        };
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
             * @description Most USD to spend, by the forecast at the price that machines are rented at first. Batches that do not fit are not started.
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
        /**
         * @description Where the key of a provider is kept: `env:OPENAI_API_KEY`, or `aws-sm:NAME` for AWS Secrets Manager. It names the key
         *     and never holds it.
         */
        KeySource: string;
        /** @description A hardware config, with its price where that is not known or another holds. */
        HardwareEntry: {
            /** @description Accelerator and count. */
            name: components["schemas"]["Hardware"];
            /** @description USD per hour of all of it, rented on its own. */
            usd_per_hour?: components["schemas"]["HourlyPrice"] | null;
        };
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
            args?: string[];
            /** @description Base URL of a running server; the runner starts one when absent. */
            attach?: string | null;
            /** @description With `attach`: the model name that the server knows. */
            served_model?: string | null;
            /** @description Without `attach`: the program. */
            program?: string | null;
            /** @description Without `attach`: environment variables. */
            env?: {
                [key: string]: string;
            };
            /** @description Without `attach`: time until it must be healthy. */
            start_timeout?: components["schemas"]["WrittenDuration"] | null;
        };
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
        /** @description Selects points of the matrix: those that match every stated field. */
        Selector: {
            /** @description This model. */
            model?: components["schemas"]["ModelName"] | null;
            /** @description This quantisation. */
            quantisation?: components["schemas"]["Quantisation"] | null;
            /** @description This accelerator, in any count. */
            accelerator?: components["schemas"]["Accelerator"] | null;
            /** @description This hardware config, or `hosted`. */
            hardware?: components["schemas"]["HardwareOrHosted"] | null;
            /** @description This engine, or this provider of hosted models. */
            framework?: components["schemas"]["ServedBy"] | null;
            /** @description This use case. */
            use_case?: components["schemas"]["UseCase"] | null;
            /** @description The workload of this name. */
            workload?: string | null;
        };
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
        /** @description Campaigns, newest first. */
        CampaignPage: {
            /** @description Those of the page. */
            campaigns: components["schemas"]["CampaignRecord"][];
            /** @description `cursor` of the next page; absent at the end. */
            next_cursor?: components["schemas"]["CampaignId"] | null;
        };
        /** @description A campaign as the ledger knows it. */
        CampaignRecord: {
            /** @description Its id. */
            id: components["schemas"]["CampaignId"];
            /** @description The spec's name. */
            name: string;
            /** @description How far it is. */
            state: components["schemas"]["CampaignState"];
            /**
             * Format: uint32
             * @description How often it was asked for.
             */
            request: number;
            /**
             * Format: uint64
             * @description Configurations in the matrix that can run; 0 until planned.
             */
            feasible: number;
            /**
             * Format: uint64
             * @description Configurations that cannot.
             */
            infeasible: number;
            /** @description What a person should know, such as why it failed. */
            message?: string | null;
            /**
             * Format: date-time
             * @description When it was first asked for.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When this record last changed.
             */
            updated_at: string;
            /** @description It came to its end, and that is not told yet: its report may not be there, and people may not know. */
            end_is_untold?: boolean;
        };
        /** @description How far a campaign is. */
        CampaignState: "requested" | "planned" | "running" | "completed" | "failed" | "paused" | "cancelled";
        /** @description A campaign that begins or goes on. */
        Triggered: {
            /** @description Its id. */
            id: components["schemas"]["CampaignId"];
        };
        /** @description What a campaign would be. */
        PlannedCampaign: {
            /** @description The id that it would have if it was the first of its spec. */
            campaign: components["schemas"]["CampaignId"];
            /** @description The spec's name. */
            name: string;
            /** @description Seconds and USD are computed, not measured. */
            provenance: components["schemas"]["Provenance"];
            /** @description Whether forecasts are corrected by results that are stored. */
            calibrated: boolean;
            /**
             * Format: uint64
             * @description Configurations in the matrix.
             */
            total: number;
            /**
             * Format: uint64
             * @description Points that the spec leaves out, which are not in the matrix.
             */
            excluded: number;
            /**
             * Format: uint64
             * @description Configurations that would not run since they were measured and are fresh, where the spec asks for that.
             */
            fresh: number;
            /**
             * Format: uint64
             * @description Configurations that can run.
             */
            feasible: number;
            /** @description Those that cannot, by the kind of the reason. */
            infeasible: {
                [key: string]: components["schemas"]["WhyNot"];
            };
            /**
             * Format: uint
             * @description How often an engine would be started.
             */
            engine_starts: number;
            /**
             * Format: uint64
             * @description Runs: each configuration as often as the spec wants.
             */
            trials: number;
            /** @description What all batches would take that would be started. */
            forecast: components["schemas"]["PlanForecast"];
            /**
             * Format: uint
             * @description Batches that would not be started, for the budget or the deadline.
             */
            refused_batches: number;
            /** @description Batches in the order of their start, the first thousand. */
            batches: components["schemas"]["PlannedBatchAnswer"][];
            /**
             * Format: uint
             * @description How many batches there are in all.
             */
            batches_total: number;
        };
        /** @description Configurations that cannot run for reasons of one kind. */
        WhyNot: {
            /**
             * Format: uint64
             * @description How many.
             */
            count: number;
            /** @description The first of them. */
            config_id: components["schemas"]["ConfigId"];
            /** @description The first of them in words. */
            example: string;
            /** @description Why it cannot run, in words. */
            reason: string;
        };
        /** @description What batches would take. */
        PlanForecast: {
            /**
             * Format: double
             * @description Seconds of machines, one after another.
             */
            machine_s: number;
            /**
             * Format: double
             * @description Seconds of the longest batch: with as many machines as batches that is how long it takes.
             */
            longest_batch_s: number;
            /**
             * Format: double
             * @description USD at the spot price of whole machines, and of tokens; of batches whose hardware has a price.
             */
            usd_spot?: number | null;
            /**
             * Format: double
             * @description The same on demand.
             */
            usd_on_demand?: number | null;
            /**
             * Format: double
             * @description The same as machines are rented at first, which is what counts against the budget.
             */
            usd?: number | null;
        };
        /** @description A batch of the plan. */
        PlannedBatchAnswer: {
            /** @description The id that it would have. */
            batch: components["schemas"]["BatchId"];
            /** @description What it would run on; absent for hosted models. */
            hardware?: components["schemas"]["Hardware"] | null;
            /**
             * Format: uint
             * @description How often an engine would be started.
             */
            engine_starts: number;
            /**
             * Format: uint
             * @description Runs in it.
             */
            trials: number;
            /**
             * Format: double
             * @description Seconds from the start of the job to its end: a forecast.
             */
            run_s: number;
            /**
             * Format: double
             * @description USD at the spot price of whole machines: a forecast. Absent where no price is known.
             */
            usd_spot?: number | null;
            /**
             * Format: double
             * @description The same on demand.
             */
            usd_on_demand?: number | null;
            /** @description Which of both counts: what its machine is rented as, unless it is lost or there is none. */
            price: components["schemas"]["PriceKind"];
            /** @description Why it would not be started, if it would not. */
            refused?: string | null;
        };
        /** @description A campaign with its batches. */
        KnownCampaign: {
            /** @description Its id. */
            id: components["schemas"]["CampaignId"];
            /** @description The spec's name. */
            name: string;
            /** @description How far it is. */
            state: components["schemas"]["CampaignState"];
            /**
             * Format: uint32
             * @description How often it was asked for.
             */
            request: number;
            /**
             * Format: uint64
             * @description Configurations in the matrix that can run; 0 until planned.
             */
            feasible: number;
            /**
             * Format: uint64
             * @description Configurations that cannot.
             */
            infeasible: number;
            /** @description What a person should know, such as why it failed. */
            message?: string | null;
            /**
             * Format: date-time
             * @description When it was first asked for.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When this record last changed.
             */
            updated_at: string;
            /** @description It came to its end, and that is not told yet: its report may not be there, and people may not know. */
            end_is_untold?: boolean;
            /** @description Its batches. */
            batches: components["schemas"]["BatchRecord"][];
            /** @description How far it is, and what is to go by the forecast. */
            progress: components["schemas"]["CampaignProgress"];
        };
        /** @description A batch as the ledger knows it. */
        BatchRecord: {
            /** @description Its id. */
            id: components["schemas"]["BatchId"];
            /** @description Its campaign. */
            campaign: components["schemas"]["CampaignId"];
            /**
             * Format: uint32
             * @description Trials in it.
             */
            trials: number;
            /**
             * Format: uint32
             * @description GPUs that its job needs; 0 on a processor.
             */
            gpu_count: number;
            /** @description Where its job has to run; not known of batches that were added before this was noted. */
            place?: components["schemas"]["JobPlace"] | null;
            /**
             * Format: double
             * @description Seconds that it should take, by the forecast.
             */
            forecast_s: number;
            /**
             * Format: double
             * @description USD that it should cost at the price that its machine is rented at first, by the forecast; nothing where no price is known.
             */
            forecast_usd?: number | null;
            /** @description How far it is. */
            state: components["schemas"]["BatchState"];
            /**
             * Format: uint32
             * @description How often a runner has claimed it. It is the fencing token of the current claim.
             */
            attempt: number;
            /**
             * Format: uint32
             * @description How many jobs in a row were interrupted without a new outcome.
             */
            fruitless_jobs: number;
            /**
             * Format: uint32
             * @description How often it became submitted. Each time it has a job of its own, unless the one before is still there.
             * @default 0
             */
            submissions: number;
            /** @description Why it failed or was interrupted last. */
            message?: string | null;
        };
        /** @description What a job needs to be there: one kind of machine, and one engine. A batch needs no more than one of each. */
        JobPlace: {
            /** @description The machine. For the simulated engine and for hosted models it is a processor. */
            hardware: components["schemas"]["Hardware"];
            /** @description The engine that is started, none for hosted models. */
            engine?: components["schemas"]["Engine"] | null;
        };
        /** @description How far a batch is. */
        BatchState: "pending" | "submitted" | "finished" | "failed" | "over-budget" | "cancelled";
        /** @description How far a campaign is. */
        CampaignProgress: {
            /**
             * Format: uint32
             * @description Trials in all batches.
             */
            trials: number;
            /**
             * Format: uint
             * @description Trials with a result.
             */
            stored: number;
            /**
             * Format: uint
             * @description Trials that failed.
             */
            failed: number;
            /**
             * Format: double
             * @description USD of whole machines, at the price that jobs had them for, up to the last outcome. Machines without a price cost
             *     nothing that is known.
             */
            spent_usd: number;
            /**
             * Format: double
             * @description Seconds of machines that the batches that go on still take: a forecast.
             */
            forecast_to_go_s: number;
            /**
             * Format: double
             * @description What they cost as their machines are rented at first: a forecast. Nothing where no price is known.
             */
            forecast_to_go_usd?: number | null;
            /**
             * Format: double
             * @description How long the trials took that are done, by their forecast; the seconds above are multiplied by it. Nothing where no time
             *     was noted.
             */
            took_by_forecast?: number | null;
            /**
             * Format: double
             * @description What the trials cost that are done, by their forecast; the USD above are multiplied by it. Nothing where no price is
             *     known.
             */
            spent_by_forecast?: number | null;
        };
        /** @description What `progress` and `ended` say. */
        ProgressEvent: {
            /** @description The campaign. */
            id: components["schemas"]["CampaignId"];
            /** @description How far it is. */
            state: components["schemas"]["CampaignState"];
            /**
             * Format: uint64
             * @description Configurations that can run.
             */
            feasible: number;
            /**
             * Format: uint64
             * @description Configurations that cannot.
             */
            infeasible: number;
            /** @description Batches by their state. */
            batches: {
                [key: string]: number;
            };
            /** @description Runs. */
            trials: components["schemas"]["Trials"];
            /**
             * Format: double
             * @description USD of whole machines, at the price that jobs had them for, up to the last outcome. Where `simulated`, what real
             *     machines would have cost: nobody paid it.
             */
            spent_usd: number;
            /**
             * Format: double
             * @description Seconds of machines that the batches that go on still take: a forecast.
             */
            remaining_forecast_s: number;
            /**
             * Format: double
             * @description What they cost as their machines are rented at first: a forecast. Absent where no price is known.
             */
            remaining_forecast_usd?: number | null;
            /** @description Every engine is the simulated one: nothing about real hardware follows. Absent where the spec was not read. */
            simulated?: boolean | null;
            /** @description What a person should know, such as why it failed. */
            message?: string | null;
        };
        /** @description How far the runs of a campaign are. */
        Trials: {
            /**
             * Format: uint
             * @description With a result.
             */
            done: number;
            /**
             * Format: uint
             * @description Failed.
             */
            failed: number;
            /**
             * Format: uint32
             * @description In all batches.
             */
            total: number;
        };
        /** @description Statements. One that contradicts the file is refused. */
        Stated: {
            /** @description The format; found out from the content when absent. */
            format?: components["schemas"]["ForeignFormat"] | null;
            /** @description The model, by our name. */
            model?: components["schemas"]["ModelName"] | null;
            /** @description The precision of its weights. */
            quantisation?: components["schemas"]["Quantisation"] | null;
            /** @description What it ran on, such as `h100x2`. */
            hardware?: components["schemas"]["Hardware"] | null;
            /** @description The engine that answered. */
            engine?: components["schemas"]["Engine"] | null;
            /** @description Its version. Not asked for: it stays unknown. */
            engine_version?: string | null;
            /** @description What the traffic is for. */
            use_case?: components["schemas"]["UseCase"] | null;
            /** @description Tokens of a prompt that were asked for. */
            input_tokens?: components["schemas"]["Lengths"] | null;
            /** @description Tokens of an answer that were asked for. */
            output_tokens?: components["schemas"]["Lengths"] | null;
            /**
             * Format: uint32
             * @description Requests that were kept in flight.
             */
            concurrency?: number | null;
            /** @description How requests at a rate followed each other: constant, poisson or gamma:0.5. */
            arrival?: string | null;
            /** @description Which endpoint carried them. */
            protocol?: components["schemas"]["Protocol"] | null;
            /**
             * Format: date-time
             * @description When it was measured: an instant, or a day (UTC).
             */
            measured_at?: string | null;
            /** @description Definitions of other tools whose numbers may stand for ours, with commas between them. They are flagged. */
            accept?: string;
        };
        /** @description What became of an import. */
        ImportReport: {
            /** @description The file's name. */
            file?: string | null;
            /** @description SHA-256 of its content, in hexadecimal digits. */
            sha256: string;
            /** @description What it is. */
            format: components["schemas"]["Format2"];
            /** @description Results that are new. */
            taken: components["schemas"]["Taken"][];
            /**
             * Format: uint64
             * @description How many were there already.
             */
            already_there: number;
            /** @description What was left out. */
            left_out: components["schemas"]["LeftOut2"][];
            /** @description What must be stated before anything is taken. */
            asks: components["schemas"]["Ask"][];
        };
        /** @description The format of a file. */
        Format2: "assay" | components["schemas"]["ForeignFormat"];
        /** @description A result that was taken in. */
        Taken: {
            /** @description Its run. */
            run_id: components["schemas"]["RunId"];
            /** @description Its configuration. */
            config_id: components["schemas"]["ConfigId"];
        };
        /** @description Something of a file that is no result, or a number of a result that is none of ours. */
        LeftOut2: {
            /** @description Where in the file: `benchmarks[2]`, or the field. */
            where: string;
            /** @description Why. */
            reason: string;
        };
        /** @description What a file does not say and must be stated before it is taken. */
        Ask: {
            /** @description The field of [`crate::Stated`]. */
            field: string;
            /** @description Why it is asked, with what the file says. */
            why: string;
        };
    };
    responses: {
        /** @description A problem: `detail` says what is wrong and the mend, `field` where */
        Problem: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Whoever asks has it already */
        NotModified: {
            headers: {
                [name: string]: unknown;
            };
            content?: never;
        };
    };
    parameters: never;
    requestBodies: never;
    headers: {
        /** @description Names the request, in our logs as well */
        RequestId: string;
        /** @description Names the answer, for `if-none-match` */
        Etag: string;
        /** @description The revision of the results that it was made from */
        Revision: number;
        /** @description What the catalogue was read from */
        Source: "published" | "results";
        /** @description `110 …` where newer results may exist */
        Warning: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getCatalog: {
        parameters: {
            query?: {
                /** @description These models. */
                model?: components["schemas"]["ModelName"][];
                /** @description These precisions, or `hosted`. */
                quantisation?: components["schemas"]["QuantisationOrHosted"][];
                /** @description These accelerators, in any count, or `hosted`. */
                accelerator?: components["schemas"]["AcceleratorOrHosted"][];
                /** @description These hardware configs, or `hosted`. */
                hardware?: components["schemas"]["HardwareOrHosted"][];
                /** @description These engines, in any version, or these providers of hosted models. */
                engine?: components["schemas"]["ServedBy"][];
                /** @description This engine at a version: `vllm 0.11.0`. */
                framework?: string;
                /** @description Engines that said to be of these versions, whichever was asked for; `unknown` where none was told. */
                engine_version?: string[];
                /** @description This use case. */
                use_case?: components["schemas"]["UseCase"];
                /** @description This shape of traffic: `512>128`, `512>128, 64 shared`. */
                shape?: string;
                /** @description Prompts of so many tokens. */
                input_tokens?: number;
                /** @description Answers of so many tokens. */
                output_tokens?: number;
                /** @description Requests that arrive like this: `c16`. */
                load?: string;
                /** @description This endpoint. */
                protocol?: components["schemas"]["Protocol"];
                /** @description This provenance. */
                provenance?: components["schemas"]["Provenance"];
                /** @description The least ttft_mean_ms that a result may have */
                min_ttft_mean_ms?: number;
                /** @description The largest ttft_mean_ms that a result may have */
                max_ttft_mean_ms?: number;
                /** @description The least ttft_p50_ms that a result may have */
                min_ttft_p50_ms?: number;
                /** @description The largest ttft_p50_ms that a result may have */
                max_ttft_p50_ms?: number;
                /** @description The least ttft_p90_ms that a result may have */
                min_ttft_p90_ms?: number;
                /** @description The largest ttft_p90_ms that a result may have */
                max_ttft_p90_ms?: number;
                /** @description The least ttft_p95_ms that a result may have */
                min_ttft_p95_ms?: number;
                /** @description The largest ttft_p95_ms that a result may have */
                max_ttft_p95_ms?: number;
                /** @description The least ttft_p99_ms that a result may have */
                min_ttft_p99_ms?: number;
                /** @description The largest ttft_p99_ms that a result may have */
                max_ttft_p99_ms?: number;
                /** @description The least tpot_mean_ms that a result may have */
                min_tpot_mean_ms?: number;
                /** @description The largest tpot_mean_ms that a result may have */
                max_tpot_mean_ms?: number;
                /** @description The least tpot_p50_ms that a result may have */
                min_tpot_p50_ms?: number;
                /** @description The largest tpot_p50_ms that a result may have */
                max_tpot_p50_ms?: number;
                /** @description The least tpot_p90_ms that a result may have */
                min_tpot_p90_ms?: number;
                /** @description The largest tpot_p90_ms that a result may have */
                max_tpot_p90_ms?: number;
                /** @description The least tpot_p95_ms that a result may have */
                min_tpot_p95_ms?: number;
                /** @description The largest tpot_p95_ms that a result may have */
                max_tpot_p95_ms?: number;
                /** @description The least tpot_p99_ms that a result may have */
                min_tpot_p99_ms?: number;
                /** @description The largest tpot_p99_ms that a result may have */
                max_tpot_p99_ms?: number;
                /** @description The least itl_mean_ms that a result may have */
                min_itl_mean_ms?: number;
                /** @description The largest itl_mean_ms that a result may have */
                max_itl_mean_ms?: number;
                /** @description The least itl_p50_ms that a result may have */
                min_itl_p50_ms?: number;
                /** @description The largest itl_p50_ms that a result may have */
                max_itl_p50_ms?: number;
                /** @description The least itl_p90_ms that a result may have */
                min_itl_p90_ms?: number;
                /** @description The largest itl_p90_ms that a result may have */
                max_itl_p90_ms?: number;
                /** @description The least itl_p95_ms that a result may have */
                min_itl_p95_ms?: number;
                /** @description The largest itl_p95_ms that a result may have */
                max_itl_p95_ms?: number;
                /** @description The least itl_p99_ms that a result may have */
                min_itl_p99_ms?: number;
                /** @description The largest itl_p99_ms that a result may have */
                max_itl_p99_ms?: number;
                /** @description The least e2e_mean_ms that a result may have */
                min_e2e_mean_ms?: number;
                /** @description The largest e2e_mean_ms that a result may have */
                max_e2e_mean_ms?: number;
                /** @description The least e2e_p50_ms that a result may have */
                min_e2e_p50_ms?: number;
                /** @description The largest e2e_p50_ms that a result may have */
                max_e2e_p50_ms?: number;
                /** @description The least e2e_p90_ms that a result may have */
                min_e2e_p90_ms?: number;
                /** @description The largest e2e_p90_ms that a result may have */
                max_e2e_p90_ms?: number;
                /** @description The least e2e_p95_ms that a result may have */
                min_e2e_p95_ms?: number;
                /** @description The largest e2e_p95_ms that a result may have */
                max_e2e_p95_ms?: number;
                /** @description The least e2e_p99_ms that a result may have */
                min_e2e_p99_ms?: number;
                /** @description The largest e2e_p99_ms that a result may have */
                max_e2e_p99_ms?: number;
                /** @description The least ttft_p90_low_ms that a result may have */
                min_ttft_p90_low_ms?: number;
                /** @description The largest ttft_p90_low_ms that a result may have */
                max_ttft_p90_low_ms?: number;
                /** @description The least ttft_p90_high_ms that a result may have */
                min_ttft_p90_high_ms?: number;
                /** @description The largest ttft_p90_high_ms that a result may have */
                max_ttft_p90_high_ms?: number;
                /** @description The least tpot_p90_low_ms that a result may have */
                min_tpot_p90_low_ms?: number;
                /** @description The largest tpot_p90_low_ms that a result may have */
                max_tpot_p90_low_ms?: number;
                /** @description The least tpot_p90_high_ms that a result may have */
                min_tpot_p90_high_ms?: number;
                /** @description The largest tpot_p90_high_ms that a result may have */
                max_tpot_p90_high_ms?: number;
                /** @description The least itl_p90_low_ms that a result may have */
                min_itl_p90_low_ms?: number;
                /** @description The largest itl_p90_low_ms that a result may have */
                max_itl_p90_low_ms?: number;
                /** @description The least itl_p90_high_ms that a result may have */
                min_itl_p90_high_ms?: number;
                /** @description The largest itl_p90_high_ms that a result may have */
                max_itl_p90_high_ms?: number;
                /** @description The least e2e_p90_low_ms that a result may have */
                min_e2e_p90_low_ms?: number;
                /** @description The largest e2e_p90_low_ms that a result may have */
                max_e2e_p90_low_ms?: number;
                /** @description The least e2e_p90_high_ms that a result may have */
                min_e2e_p90_high_ms?: number;
                /** @description The largest e2e_p90_high_ms that a result may have */
                max_e2e_p90_high_ms?: number;
                /** @description The least output_tps that a result may have */
                min_output_tps?: number;
                /** @description The largest output_tps that a result may have */
                max_output_tps?: number;
                /** @description The least output_tps_low that a result may have */
                min_output_tps_low?: number;
                /** @description The largest output_tps_low that a result may have */
                max_output_tps_low?: number;
                /** @description The least output_tps_high that a result may have */
                min_output_tps_high?: number;
                /** @description The largest output_tps_high that a result may have */
                max_output_tps_high?: number;
                /** @description The least rps that a result may have */
                min_rps?: number;
                /** @description The largest rps that a result may have */
                max_rps?: number;
                /** @description The least failed_share that a result may have */
                min_failed_share?: number;
                /** @description The largest failed_share that a result may have */
                max_failed_share?: number;
                /** @description The least attainment that a result may have */
                min_attainment?: number;
                /** @description The largest attainment that a result may have */
                max_attainment?: number;
                /** @description The least slo_ttft_ms that a result may have */
                min_slo_ttft_ms?: number;
                /** @description The largest slo_ttft_ms that a result may have */
                max_slo_ttft_ms?: number;
                /** @description The least slo_tpot_ms that a result may have */
                min_slo_tpot_ms?: number;
                /** @description The largest slo_tpot_ms that a result may have */
                max_slo_tpot_ms?: number;
                /** @description The least slo_e2e_ms that a result may have */
                min_slo_e2e_ms?: number;
                /** @description The largest slo_e2e_ms that a result may have */
                max_slo_e2e_ms?: number;
                /** @description The least ttft_p50_of_all_ms that a result may have */
                min_ttft_p50_of_all_ms?: number;
                /** @description The largest ttft_p50_of_all_ms that a result may have */
                max_ttft_p50_of_all_ms?: number;
                /** @description The least ttft_p90_of_all_ms that a result may have */
                min_ttft_p90_of_all_ms?: number;
                /** @description The largest ttft_p90_of_all_ms that a result may have */
                max_ttft_p90_of_all_ms?: number;
                /** @description The least ttft_p95_of_all_ms that a result may have */
                min_ttft_p95_of_all_ms?: number;
                /** @description The largest ttft_p95_of_all_ms that a result may have */
                max_ttft_p95_of_all_ms?: number;
                /** @description The least ttft_p99_of_all_ms that a result may have */
                min_ttft_p99_of_all_ms?: number;
                /** @description The largest ttft_p99_of_all_ms that a result may have */
                max_ttft_p99_of_all_ms?: number;
                /** @description The least tpot_p50_of_all_ms that a result may have */
                min_tpot_p50_of_all_ms?: number;
                /** @description The largest tpot_p50_of_all_ms that a result may have */
                max_tpot_p50_of_all_ms?: number;
                /** @description The least tpot_p90_of_all_ms that a result may have */
                min_tpot_p90_of_all_ms?: number;
                /** @description The largest tpot_p90_of_all_ms that a result may have */
                max_tpot_p90_of_all_ms?: number;
                /** @description The least tpot_p95_of_all_ms that a result may have */
                min_tpot_p95_of_all_ms?: number;
                /** @description The largest tpot_p95_of_all_ms that a result may have */
                max_tpot_p95_of_all_ms?: number;
                /** @description The least tpot_p99_of_all_ms that a result may have */
                min_tpot_p99_of_all_ms?: number;
                /** @description The largest tpot_p99_of_all_ms that a result may have */
                max_tpot_p99_of_all_ms?: number;
                /** @description The least e2e_p50_of_all_ms that a result may have */
                min_e2e_p50_of_all_ms?: number;
                /** @description The largest e2e_p50_of_all_ms that a result may have */
                max_e2e_p50_of_all_ms?: number;
                /** @description The least e2e_p90_of_all_ms that a result may have */
                min_e2e_p90_of_all_ms?: number;
                /** @description The largest e2e_p90_of_all_ms that a result may have */
                max_e2e_p90_of_all_ms?: number;
                /** @description The least e2e_p95_of_all_ms that a result may have */
                min_e2e_p95_of_all_ms?: number;
                /** @description The largest e2e_p95_of_all_ms that a result may have */
                max_e2e_p95_of_all_ms?: number;
                /** @description The least e2e_p99_of_all_ms that a result may have */
                min_e2e_p99_of_all_ms?: number;
                /** @description The largest e2e_p99_of_all_ms that a result may have */
                max_e2e_p99_of_all_ms?: number;
                /** @description The least stated_usd_per_hour_spot that a result may have */
                min_stated_usd_per_hour_spot?: number;
                /** @description The largest stated_usd_per_hour_spot that a result may have */
                max_stated_usd_per_hour_spot?: number;
                /** @description The least stated_usd_per_hour_on_demand that a result may have */
                min_stated_usd_per_hour_on_demand?: number;
                /** @description The largest stated_usd_per_hour_on_demand that a result may have */
                max_stated_usd_per_hour_on_demand?: number;
                /** @description The least input_per_output that a result may have */
                min_input_per_output?: number;
                /** @description The largest input_per_output that a result may have */
                max_input_per_output?: number;
                /** @description The least cached_input_per_output that a result may have */
                min_cached_input_per_output?: number;
                /** @description The largest cached_input_per_output that a result may have */
                max_cached_input_per_output?: number;
                /** @description The least stated_usd_per_mtok_input that a result may have */
                min_stated_usd_per_mtok_input?: number;
                /** @description The largest stated_usd_per_mtok_input that a result may have */
                max_stated_usd_per_mtok_input?: number;
                /** @description The least stated_usd_per_mtok_cached_input that a result may have */
                min_stated_usd_per_mtok_cached_input?: number;
                /** @description The largest stated_usd_per_mtok_cached_input that a result may have */
                max_stated_usd_per_mtok_cached_input?: number;
                /** @description The least stated_usd_per_mtok_output that a result may have */
                min_stated_usd_per_mtok_output?: number;
                /** @description The largest stated_usd_per_mtok_output that a result may have */
                max_stated_usd_per_mtok_output?: number;
                /** @description The least fidelity that a result may have */
                min_fidelity?: number;
                /** @description The largest fidelity that a result may have */
                max_fidelity?: number;
                /** @description The least task_accuracy that a result may have */
                min_task_accuracy?: number;
                /** @description The largest task_accuracy that a result may have */
                max_task_accuracy?: number;
                /** @description The least gpu_memory_gib that a result may have */
                min_gpu_memory_gib?: number;
                /** @description The largest gpu_memory_gib that a result may have */
                max_gpu_memory_gib?: number;
                /** @description The least serving_cost_per_mtok_spot that a result may have */
                min_serving_cost_per_mtok_spot?: number;
                /** @description The largest serving_cost_per_mtok_spot that a result may have */
                max_serving_cost_per_mtok_spot?: number;
                /** @description The least serving_cost_per_mtok_on_demand that a result may have */
                min_serving_cost_per_mtok_on_demand?: number;
                /** @description The largest serving_cost_per_mtok_on_demand that a result may have */
                max_serving_cost_per_mtok_on_demand?: number;
                /** @description The least usd_per_hour_spot that a result may have */
                min_usd_per_hour_spot?: number;
                /** @description The largest usd_per_hour_spot that a result may have */
                max_usd_per_hour_spot?: number;
                /** @description The least usd_per_hour_on_demand that a result may have */
                min_usd_per_hour_on_demand?: number;
                /** @description The largest usd_per_hour_on_demand that a result may have */
                max_usd_per_hour_on_demand?: number;
                /** @description A number of the catalogue, such as ttft_p90_ms; -output_tps: the largest first */
                sort?: "ttft_mean_ms" | "-ttft_mean_ms" | "ttft_p50_ms" | "-ttft_p50_ms" | "ttft_p90_ms" | "-ttft_p90_ms" | "ttft_p95_ms" | "-ttft_p95_ms" | "ttft_p99_ms" | "-ttft_p99_ms" | "tpot_mean_ms" | "-tpot_mean_ms" | "tpot_p50_ms" | "-tpot_p50_ms" | "tpot_p90_ms" | "-tpot_p90_ms" | "tpot_p95_ms" | "-tpot_p95_ms" | "tpot_p99_ms" | "-tpot_p99_ms" | "itl_mean_ms" | "-itl_mean_ms" | "itl_p50_ms" | "-itl_p50_ms" | "itl_p90_ms" | "-itl_p90_ms" | "itl_p95_ms" | "-itl_p95_ms" | "itl_p99_ms" | "-itl_p99_ms" | "e2e_mean_ms" | "-e2e_mean_ms" | "e2e_p50_ms" | "-e2e_p50_ms" | "e2e_p90_ms" | "-e2e_p90_ms" | "e2e_p95_ms" | "-e2e_p95_ms" | "e2e_p99_ms" | "-e2e_p99_ms" | "ttft_p90_low_ms" | "-ttft_p90_low_ms" | "ttft_p90_high_ms" | "-ttft_p90_high_ms" | "tpot_p90_low_ms" | "-tpot_p90_low_ms" | "tpot_p90_high_ms" | "-tpot_p90_high_ms" | "itl_p90_low_ms" | "-itl_p90_low_ms" | "itl_p90_high_ms" | "-itl_p90_high_ms" | "e2e_p90_low_ms" | "-e2e_p90_low_ms" | "e2e_p90_high_ms" | "-e2e_p90_high_ms" | "output_tps" | "-output_tps" | "output_tps_low" | "-output_tps_low" | "output_tps_high" | "-output_tps_high" | "rps" | "-rps" | "failed_share" | "-failed_share" | "attainment" | "-attainment" | "slo_ttft_ms" | "-slo_ttft_ms" | "slo_tpot_ms" | "-slo_tpot_ms" | "slo_e2e_ms" | "-slo_e2e_ms" | "ttft_p50_of_all_ms" | "-ttft_p50_of_all_ms" | "ttft_p90_of_all_ms" | "-ttft_p90_of_all_ms" | "ttft_p95_of_all_ms" | "-ttft_p95_of_all_ms" | "ttft_p99_of_all_ms" | "-ttft_p99_of_all_ms" | "tpot_p50_of_all_ms" | "-tpot_p50_of_all_ms" | "tpot_p90_of_all_ms" | "-tpot_p90_of_all_ms" | "tpot_p95_of_all_ms" | "-tpot_p95_of_all_ms" | "tpot_p99_of_all_ms" | "-tpot_p99_of_all_ms" | "e2e_p50_of_all_ms" | "-e2e_p50_of_all_ms" | "e2e_p90_of_all_ms" | "-e2e_p90_of_all_ms" | "e2e_p95_of_all_ms" | "-e2e_p95_of_all_ms" | "e2e_p99_of_all_ms" | "-e2e_p99_of_all_ms" | "stated_usd_per_hour_spot" | "-stated_usd_per_hour_spot" | "stated_usd_per_hour_on_demand" | "-stated_usd_per_hour_on_demand" | "input_per_output" | "-input_per_output" | "cached_input_per_output" | "-cached_input_per_output" | "stated_usd_per_mtok_input" | "-stated_usd_per_mtok_input" | "stated_usd_per_mtok_cached_input" | "-stated_usd_per_mtok_cached_input" | "stated_usd_per_mtok_output" | "-stated_usd_per_mtok_output" | "fidelity" | "-fidelity" | "task_accuracy" | "-task_accuracy" | "gpu_memory_gib" | "-gpu_memory_gib" | "serving_cost_per_mtok_spot" | "-serving_cost_per_mtok_spot" | "serving_cost_per_mtok_on_demand" | "-serving_cost_per_mtok_on_demand" | "usd_per_hour_spot" | "-usd_per_hour_spot" | "usd_per_hour_on_demand" | "-usd_per_hour_on_demand";
                /** @description Most entries of the answer */
                limit?: number;
                /** @description `next_cursor` of the page before, as it is. 410 when it is of older results */
                cursor?: string;
                /** @description Results before the page, instead of `cursor` */
                skip?: number;
            };
            header?: {
                /** @description The `etag` of an answer that is there already */
                "if-none-match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    etag: components["headers"]["Etag"];
                    "x-results-revision": components["headers"]["Revision"];
                    "x-catalog": components["headers"]["Source"];
                    warning: components["headers"]["Warning"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CatalogPage"];
                    "text/csv": string;
                    "application/vnd.apache.parquet": string;
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    downloadCatalogCsv: {
        parameters: {
            query?: {
                /** @description These models. */
                model?: components["schemas"]["ModelName"][];
                /** @description These precisions, or `hosted`. */
                quantisation?: components["schemas"]["QuantisationOrHosted"][];
                /** @description These accelerators, in any count, or `hosted`. */
                accelerator?: components["schemas"]["AcceleratorOrHosted"][];
                /** @description These hardware configs, or `hosted`. */
                hardware?: components["schemas"]["HardwareOrHosted"][];
                /** @description These engines, in any version, or these providers of hosted models. */
                engine?: components["schemas"]["ServedBy"][];
                /** @description This engine at a version: `vllm 0.11.0`. */
                framework?: string;
                /** @description Engines that said to be of these versions, whichever was asked for; `unknown` where none was told. */
                engine_version?: string[];
                /** @description This use case. */
                use_case?: components["schemas"]["UseCase"];
                /** @description This shape of traffic: `512>128`, `512>128, 64 shared`. */
                shape?: string;
                /** @description Prompts of so many tokens. */
                input_tokens?: number;
                /** @description Answers of so many tokens. */
                output_tokens?: number;
                /** @description Requests that arrive like this: `c16`. */
                load?: string;
                /** @description This endpoint. */
                protocol?: components["schemas"]["Protocol"];
                /** @description This provenance. */
                provenance?: components["schemas"]["Provenance"];
                /** @description The least ttft_mean_ms that a result may have */
                min_ttft_mean_ms?: number;
                /** @description The largest ttft_mean_ms that a result may have */
                max_ttft_mean_ms?: number;
                /** @description The least ttft_p50_ms that a result may have */
                min_ttft_p50_ms?: number;
                /** @description The largest ttft_p50_ms that a result may have */
                max_ttft_p50_ms?: number;
                /** @description The least ttft_p90_ms that a result may have */
                min_ttft_p90_ms?: number;
                /** @description The largest ttft_p90_ms that a result may have */
                max_ttft_p90_ms?: number;
                /** @description The least ttft_p95_ms that a result may have */
                min_ttft_p95_ms?: number;
                /** @description The largest ttft_p95_ms that a result may have */
                max_ttft_p95_ms?: number;
                /** @description The least ttft_p99_ms that a result may have */
                min_ttft_p99_ms?: number;
                /** @description The largest ttft_p99_ms that a result may have */
                max_ttft_p99_ms?: number;
                /** @description The least tpot_mean_ms that a result may have */
                min_tpot_mean_ms?: number;
                /** @description The largest tpot_mean_ms that a result may have */
                max_tpot_mean_ms?: number;
                /** @description The least tpot_p50_ms that a result may have */
                min_tpot_p50_ms?: number;
                /** @description The largest tpot_p50_ms that a result may have */
                max_tpot_p50_ms?: number;
                /** @description The least tpot_p90_ms that a result may have */
                min_tpot_p90_ms?: number;
                /** @description The largest tpot_p90_ms that a result may have */
                max_tpot_p90_ms?: number;
                /** @description The least tpot_p95_ms that a result may have */
                min_tpot_p95_ms?: number;
                /** @description The largest tpot_p95_ms that a result may have */
                max_tpot_p95_ms?: number;
                /** @description The least tpot_p99_ms that a result may have */
                min_tpot_p99_ms?: number;
                /** @description The largest tpot_p99_ms that a result may have */
                max_tpot_p99_ms?: number;
                /** @description The least itl_mean_ms that a result may have */
                min_itl_mean_ms?: number;
                /** @description The largest itl_mean_ms that a result may have */
                max_itl_mean_ms?: number;
                /** @description The least itl_p50_ms that a result may have */
                min_itl_p50_ms?: number;
                /** @description The largest itl_p50_ms that a result may have */
                max_itl_p50_ms?: number;
                /** @description The least itl_p90_ms that a result may have */
                min_itl_p90_ms?: number;
                /** @description The largest itl_p90_ms that a result may have */
                max_itl_p90_ms?: number;
                /** @description The least itl_p95_ms that a result may have */
                min_itl_p95_ms?: number;
                /** @description The largest itl_p95_ms that a result may have */
                max_itl_p95_ms?: number;
                /** @description The least itl_p99_ms that a result may have */
                min_itl_p99_ms?: number;
                /** @description The largest itl_p99_ms that a result may have */
                max_itl_p99_ms?: number;
                /** @description The least e2e_mean_ms that a result may have */
                min_e2e_mean_ms?: number;
                /** @description The largest e2e_mean_ms that a result may have */
                max_e2e_mean_ms?: number;
                /** @description The least e2e_p50_ms that a result may have */
                min_e2e_p50_ms?: number;
                /** @description The largest e2e_p50_ms that a result may have */
                max_e2e_p50_ms?: number;
                /** @description The least e2e_p90_ms that a result may have */
                min_e2e_p90_ms?: number;
                /** @description The largest e2e_p90_ms that a result may have */
                max_e2e_p90_ms?: number;
                /** @description The least e2e_p95_ms that a result may have */
                min_e2e_p95_ms?: number;
                /** @description The largest e2e_p95_ms that a result may have */
                max_e2e_p95_ms?: number;
                /** @description The least e2e_p99_ms that a result may have */
                min_e2e_p99_ms?: number;
                /** @description The largest e2e_p99_ms that a result may have */
                max_e2e_p99_ms?: number;
                /** @description The least ttft_p90_low_ms that a result may have */
                min_ttft_p90_low_ms?: number;
                /** @description The largest ttft_p90_low_ms that a result may have */
                max_ttft_p90_low_ms?: number;
                /** @description The least ttft_p90_high_ms that a result may have */
                min_ttft_p90_high_ms?: number;
                /** @description The largest ttft_p90_high_ms that a result may have */
                max_ttft_p90_high_ms?: number;
                /** @description The least tpot_p90_low_ms that a result may have */
                min_tpot_p90_low_ms?: number;
                /** @description The largest tpot_p90_low_ms that a result may have */
                max_tpot_p90_low_ms?: number;
                /** @description The least tpot_p90_high_ms that a result may have */
                min_tpot_p90_high_ms?: number;
                /** @description The largest tpot_p90_high_ms that a result may have */
                max_tpot_p90_high_ms?: number;
                /** @description The least itl_p90_low_ms that a result may have */
                min_itl_p90_low_ms?: number;
                /** @description The largest itl_p90_low_ms that a result may have */
                max_itl_p90_low_ms?: number;
                /** @description The least itl_p90_high_ms that a result may have */
                min_itl_p90_high_ms?: number;
                /** @description The largest itl_p90_high_ms that a result may have */
                max_itl_p90_high_ms?: number;
                /** @description The least e2e_p90_low_ms that a result may have */
                min_e2e_p90_low_ms?: number;
                /** @description The largest e2e_p90_low_ms that a result may have */
                max_e2e_p90_low_ms?: number;
                /** @description The least e2e_p90_high_ms that a result may have */
                min_e2e_p90_high_ms?: number;
                /** @description The largest e2e_p90_high_ms that a result may have */
                max_e2e_p90_high_ms?: number;
                /** @description The least output_tps that a result may have */
                min_output_tps?: number;
                /** @description The largest output_tps that a result may have */
                max_output_tps?: number;
                /** @description The least output_tps_low that a result may have */
                min_output_tps_low?: number;
                /** @description The largest output_tps_low that a result may have */
                max_output_tps_low?: number;
                /** @description The least output_tps_high that a result may have */
                min_output_tps_high?: number;
                /** @description The largest output_tps_high that a result may have */
                max_output_tps_high?: number;
                /** @description The least rps that a result may have */
                min_rps?: number;
                /** @description The largest rps that a result may have */
                max_rps?: number;
                /** @description The least failed_share that a result may have */
                min_failed_share?: number;
                /** @description The largest failed_share that a result may have */
                max_failed_share?: number;
                /** @description The least attainment that a result may have */
                min_attainment?: number;
                /** @description The largest attainment that a result may have */
                max_attainment?: number;
                /** @description The least slo_ttft_ms that a result may have */
                min_slo_ttft_ms?: number;
                /** @description The largest slo_ttft_ms that a result may have */
                max_slo_ttft_ms?: number;
                /** @description The least slo_tpot_ms that a result may have */
                min_slo_tpot_ms?: number;
                /** @description The largest slo_tpot_ms that a result may have */
                max_slo_tpot_ms?: number;
                /** @description The least slo_e2e_ms that a result may have */
                min_slo_e2e_ms?: number;
                /** @description The largest slo_e2e_ms that a result may have */
                max_slo_e2e_ms?: number;
                /** @description The least ttft_p50_of_all_ms that a result may have */
                min_ttft_p50_of_all_ms?: number;
                /** @description The largest ttft_p50_of_all_ms that a result may have */
                max_ttft_p50_of_all_ms?: number;
                /** @description The least ttft_p90_of_all_ms that a result may have */
                min_ttft_p90_of_all_ms?: number;
                /** @description The largest ttft_p90_of_all_ms that a result may have */
                max_ttft_p90_of_all_ms?: number;
                /** @description The least ttft_p95_of_all_ms that a result may have */
                min_ttft_p95_of_all_ms?: number;
                /** @description The largest ttft_p95_of_all_ms that a result may have */
                max_ttft_p95_of_all_ms?: number;
                /** @description The least ttft_p99_of_all_ms that a result may have */
                min_ttft_p99_of_all_ms?: number;
                /** @description The largest ttft_p99_of_all_ms that a result may have */
                max_ttft_p99_of_all_ms?: number;
                /** @description The least tpot_p50_of_all_ms that a result may have */
                min_tpot_p50_of_all_ms?: number;
                /** @description The largest tpot_p50_of_all_ms that a result may have */
                max_tpot_p50_of_all_ms?: number;
                /** @description The least tpot_p90_of_all_ms that a result may have */
                min_tpot_p90_of_all_ms?: number;
                /** @description The largest tpot_p90_of_all_ms that a result may have */
                max_tpot_p90_of_all_ms?: number;
                /** @description The least tpot_p95_of_all_ms that a result may have */
                min_tpot_p95_of_all_ms?: number;
                /** @description The largest tpot_p95_of_all_ms that a result may have */
                max_tpot_p95_of_all_ms?: number;
                /** @description The least tpot_p99_of_all_ms that a result may have */
                min_tpot_p99_of_all_ms?: number;
                /** @description The largest tpot_p99_of_all_ms that a result may have */
                max_tpot_p99_of_all_ms?: number;
                /** @description The least e2e_p50_of_all_ms that a result may have */
                min_e2e_p50_of_all_ms?: number;
                /** @description The largest e2e_p50_of_all_ms that a result may have */
                max_e2e_p50_of_all_ms?: number;
                /** @description The least e2e_p90_of_all_ms that a result may have */
                min_e2e_p90_of_all_ms?: number;
                /** @description The largest e2e_p90_of_all_ms that a result may have */
                max_e2e_p90_of_all_ms?: number;
                /** @description The least e2e_p95_of_all_ms that a result may have */
                min_e2e_p95_of_all_ms?: number;
                /** @description The largest e2e_p95_of_all_ms that a result may have */
                max_e2e_p95_of_all_ms?: number;
                /** @description The least e2e_p99_of_all_ms that a result may have */
                min_e2e_p99_of_all_ms?: number;
                /** @description The largest e2e_p99_of_all_ms that a result may have */
                max_e2e_p99_of_all_ms?: number;
                /** @description The least stated_usd_per_hour_spot that a result may have */
                min_stated_usd_per_hour_spot?: number;
                /** @description The largest stated_usd_per_hour_spot that a result may have */
                max_stated_usd_per_hour_spot?: number;
                /** @description The least stated_usd_per_hour_on_demand that a result may have */
                min_stated_usd_per_hour_on_demand?: number;
                /** @description The largest stated_usd_per_hour_on_demand that a result may have */
                max_stated_usd_per_hour_on_demand?: number;
                /** @description The least input_per_output that a result may have */
                min_input_per_output?: number;
                /** @description The largest input_per_output that a result may have */
                max_input_per_output?: number;
                /** @description The least cached_input_per_output that a result may have */
                min_cached_input_per_output?: number;
                /** @description The largest cached_input_per_output that a result may have */
                max_cached_input_per_output?: number;
                /** @description The least stated_usd_per_mtok_input that a result may have */
                min_stated_usd_per_mtok_input?: number;
                /** @description The largest stated_usd_per_mtok_input that a result may have */
                max_stated_usd_per_mtok_input?: number;
                /** @description The least stated_usd_per_mtok_cached_input that a result may have */
                min_stated_usd_per_mtok_cached_input?: number;
                /** @description The largest stated_usd_per_mtok_cached_input that a result may have */
                max_stated_usd_per_mtok_cached_input?: number;
                /** @description The least stated_usd_per_mtok_output that a result may have */
                min_stated_usd_per_mtok_output?: number;
                /** @description The largest stated_usd_per_mtok_output that a result may have */
                max_stated_usd_per_mtok_output?: number;
                /** @description The least fidelity that a result may have */
                min_fidelity?: number;
                /** @description The largest fidelity that a result may have */
                max_fidelity?: number;
                /** @description The least task_accuracy that a result may have */
                min_task_accuracy?: number;
                /** @description The largest task_accuracy that a result may have */
                max_task_accuracy?: number;
                /** @description The least gpu_memory_gib that a result may have */
                min_gpu_memory_gib?: number;
                /** @description The largest gpu_memory_gib that a result may have */
                max_gpu_memory_gib?: number;
                /** @description The least serving_cost_per_mtok_spot that a result may have */
                min_serving_cost_per_mtok_spot?: number;
                /** @description The largest serving_cost_per_mtok_spot that a result may have */
                max_serving_cost_per_mtok_spot?: number;
                /** @description The least serving_cost_per_mtok_on_demand that a result may have */
                min_serving_cost_per_mtok_on_demand?: number;
                /** @description The largest serving_cost_per_mtok_on_demand that a result may have */
                max_serving_cost_per_mtok_on_demand?: number;
                /** @description The least usd_per_hour_spot that a result may have */
                min_usd_per_hour_spot?: number;
                /** @description The largest usd_per_hour_spot that a result may have */
                max_usd_per_hour_spot?: number;
                /** @description The least usd_per_hour_on_demand that a result may have */
                min_usd_per_hour_on_demand?: number;
                /** @description The largest usd_per_hour_on_demand that a result may have */
                max_usd_per_hour_on_demand?: number;
                /** @description A number of the catalogue, such as ttft_p90_ms; -output_tps: the largest first */
                sort?: "ttft_mean_ms" | "-ttft_mean_ms" | "ttft_p50_ms" | "-ttft_p50_ms" | "ttft_p90_ms" | "-ttft_p90_ms" | "ttft_p95_ms" | "-ttft_p95_ms" | "ttft_p99_ms" | "-ttft_p99_ms" | "tpot_mean_ms" | "-tpot_mean_ms" | "tpot_p50_ms" | "-tpot_p50_ms" | "tpot_p90_ms" | "-tpot_p90_ms" | "tpot_p95_ms" | "-tpot_p95_ms" | "tpot_p99_ms" | "-tpot_p99_ms" | "itl_mean_ms" | "-itl_mean_ms" | "itl_p50_ms" | "-itl_p50_ms" | "itl_p90_ms" | "-itl_p90_ms" | "itl_p95_ms" | "-itl_p95_ms" | "itl_p99_ms" | "-itl_p99_ms" | "e2e_mean_ms" | "-e2e_mean_ms" | "e2e_p50_ms" | "-e2e_p50_ms" | "e2e_p90_ms" | "-e2e_p90_ms" | "e2e_p95_ms" | "-e2e_p95_ms" | "e2e_p99_ms" | "-e2e_p99_ms" | "ttft_p90_low_ms" | "-ttft_p90_low_ms" | "ttft_p90_high_ms" | "-ttft_p90_high_ms" | "tpot_p90_low_ms" | "-tpot_p90_low_ms" | "tpot_p90_high_ms" | "-tpot_p90_high_ms" | "itl_p90_low_ms" | "-itl_p90_low_ms" | "itl_p90_high_ms" | "-itl_p90_high_ms" | "e2e_p90_low_ms" | "-e2e_p90_low_ms" | "e2e_p90_high_ms" | "-e2e_p90_high_ms" | "output_tps" | "-output_tps" | "output_tps_low" | "-output_tps_low" | "output_tps_high" | "-output_tps_high" | "rps" | "-rps" | "failed_share" | "-failed_share" | "attainment" | "-attainment" | "slo_ttft_ms" | "-slo_ttft_ms" | "slo_tpot_ms" | "-slo_tpot_ms" | "slo_e2e_ms" | "-slo_e2e_ms" | "ttft_p50_of_all_ms" | "-ttft_p50_of_all_ms" | "ttft_p90_of_all_ms" | "-ttft_p90_of_all_ms" | "ttft_p95_of_all_ms" | "-ttft_p95_of_all_ms" | "ttft_p99_of_all_ms" | "-ttft_p99_of_all_ms" | "tpot_p50_of_all_ms" | "-tpot_p50_of_all_ms" | "tpot_p90_of_all_ms" | "-tpot_p90_of_all_ms" | "tpot_p95_of_all_ms" | "-tpot_p95_of_all_ms" | "tpot_p99_of_all_ms" | "-tpot_p99_of_all_ms" | "e2e_p50_of_all_ms" | "-e2e_p50_of_all_ms" | "e2e_p90_of_all_ms" | "-e2e_p90_of_all_ms" | "e2e_p95_of_all_ms" | "-e2e_p95_of_all_ms" | "e2e_p99_of_all_ms" | "-e2e_p99_of_all_ms" | "stated_usd_per_hour_spot" | "-stated_usd_per_hour_spot" | "stated_usd_per_hour_on_demand" | "-stated_usd_per_hour_on_demand" | "input_per_output" | "-input_per_output" | "cached_input_per_output" | "-cached_input_per_output" | "stated_usd_per_mtok_input" | "-stated_usd_per_mtok_input" | "stated_usd_per_mtok_cached_input" | "-stated_usd_per_mtok_cached_input" | "stated_usd_per_mtok_output" | "-stated_usd_per_mtok_output" | "fidelity" | "-fidelity" | "task_accuracy" | "-task_accuracy" | "gpu_memory_gib" | "-gpu_memory_gib" | "serving_cost_per_mtok_spot" | "-serving_cost_per_mtok_spot" | "serving_cost_per_mtok_on_demand" | "-serving_cost_per_mtok_on_demand" | "usd_per_hour_spot" | "-usd_per_hour_spot" | "usd_per_hour_on_demand" | "-usd_per_hour_on_demand";
            };
            header?: {
                /** @description The `etag` of an answer that is there already */
                "if-none-match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The table */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    etag: components["headers"]["Etag"];
                    "x-results-revision": components["headers"]["Revision"];
                    "x-catalog": components["headers"]["Source"];
                    warning: components["headers"]["Warning"];
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    downloadCatalogParquet: {
        parameters: {
            query?: {
                /** @description These models. */
                model?: components["schemas"]["ModelName"][];
                /** @description These precisions, or `hosted`. */
                quantisation?: components["schemas"]["QuantisationOrHosted"][];
                /** @description These accelerators, in any count, or `hosted`. */
                accelerator?: components["schemas"]["AcceleratorOrHosted"][];
                /** @description These hardware configs, or `hosted`. */
                hardware?: components["schemas"]["HardwareOrHosted"][];
                /** @description These engines, in any version, or these providers of hosted models. */
                engine?: components["schemas"]["ServedBy"][];
                /** @description This engine at a version: `vllm 0.11.0`. */
                framework?: string;
                /** @description Engines that said to be of these versions, whichever was asked for; `unknown` where none was told. */
                engine_version?: string[];
                /** @description This use case. */
                use_case?: components["schemas"]["UseCase"];
                /** @description This shape of traffic: `512>128`, `512>128, 64 shared`. */
                shape?: string;
                /** @description Prompts of so many tokens. */
                input_tokens?: number;
                /** @description Answers of so many tokens. */
                output_tokens?: number;
                /** @description Requests that arrive like this: `c16`. */
                load?: string;
                /** @description This endpoint. */
                protocol?: components["schemas"]["Protocol"];
                /** @description This provenance. */
                provenance?: components["schemas"]["Provenance"];
                /** @description The least ttft_mean_ms that a result may have */
                min_ttft_mean_ms?: number;
                /** @description The largest ttft_mean_ms that a result may have */
                max_ttft_mean_ms?: number;
                /** @description The least ttft_p50_ms that a result may have */
                min_ttft_p50_ms?: number;
                /** @description The largest ttft_p50_ms that a result may have */
                max_ttft_p50_ms?: number;
                /** @description The least ttft_p90_ms that a result may have */
                min_ttft_p90_ms?: number;
                /** @description The largest ttft_p90_ms that a result may have */
                max_ttft_p90_ms?: number;
                /** @description The least ttft_p95_ms that a result may have */
                min_ttft_p95_ms?: number;
                /** @description The largest ttft_p95_ms that a result may have */
                max_ttft_p95_ms?: number;
                /** @description The least ttft_p99_ms that a result may have */
                min_ttft_p99_ms?: number;
                /** @description The largest ttft_p99_ms that a result may have */
                max_ttft_p99_ms?: number;
                /** @description The least tpot_mean_ms that a result may have */
                min_tpot_mean_ms?: number;
                /** @description The largest tpot_mean_ms that a result may have */
                max_tpot_mean_ms?: number;
                /** @description The least tpot_p50_ms that a result may have */
                min_tpot_p50_ms?: number;
                /** @description The largest tpot_p50_ms that a result may have */
                max_tpot_p50_ms?: number;
                /** @description The least tpot_p90_ms that a result may have */
                min_tpot_p90_ms?: number;
                /** @description The largest tpot_p90_ms that a result may have */
                max_tpot_p90_ms?: number;
                /** @description The least tpot_p95_ms that a result may have */
                min_tpot_p95_ms?: number;
                /** @description The largest tpot_p95_ms that a result may have */
                max_tpot_p95_ms?: number;
                /** @description The least tpot_p99_ms that a result may have */
                min_tpot_p99_ms?: number;
                /** @description The largest tpot_p99_ms that a result may have */
                max_tpot_p99_ms?: number;
                /** @description The least itl_mean_ms that a result may have */
                min_itl_mean_ms?: number;
                /** @description The largest itl_mean_ms that a result may have */
                max_itl_mean_ms?: number;
                /** @description The least itl_p50_ms that a result may have */
                min_itl_p50_ms?: number;
                /** @description The largest itl_p50_ms that a result may have */
                max_itl_p50_ms?: number;
                /** @description The least itl_p90_ms that a result may have */
                min_itl_p90_ms?: number;
                /** @description The largest itl_p90_ms that a result may have */
                max_itl_p90_ms?: number;
                /** @description The least itl_p95_ms that a result may have */
                min_itl_p95_ms?: number;
                /** @description The largest itl_p95_ms that a result may have */
                max_itl_p95_ms?: number;
                /** @description The least itl_p99_ms that a result may have */
                min_itl_p99_ms?: number;
                /** @description The largest itl_p99_ms that a result may have */
                max_itl_p99_ms?: number;
                /** @description The least e2e_mean_ms that a result may have */
                min_e2e_mean_ms?: number;
                /** @description The largest e2e_mean_ms that a result may have */
                max_e2e_mean_ms?: number;
                /** @description The least e2e_p50_ms that a result may have */
                min_e2e_p50_ms?: number;
                /** @description The largest e2e_p50_ms that a result may have */
                max_e2e_p50_ms?: number;
                /** @description The least e2e_p90_ms that a result may have */
                min_e2e_p90_ms?: number;
                /** @description The largest e2e_p90_ms that a result may have */
                max_e2e_p90_ms?: number;
                /** @description The least e2e_p95_ms that a result may have */
                min_e2e_p95_ms?: number;
                /** @description The largest e2e_p95_ms that a result may have */
                max_e2e_p95_ms?: number;
                /** @description The least e2e_p99_ms that a result may have */
                min_e2e_p99_ms?: number;
                /** @description The largest e2e_p99_ms that a result may have */
                max_e2e_p99_ms?: number;
                /** @description The least ttft_p90_low_ms that a result may have */
                min_ttft_p90_low_ms?: number;
                /** @description The largest ttft_p90_low_ms that a result may have */
                max_ttft_p90_low_ms?: number;
                /** @description The least ttft_p90_high_ms that a result may have */
                min_ttft_p90_high_ms?: number;
                /** @description The largest ttft_p90_high_ms that a result may have */
                max_ttft_p90_high_ms?: number;
                /** @description The least tpot_p90_low_ms that a result may have */
                min_tpot_p90_low_ms?: number;
                /** @description The largest tpot_p90_low_ms that a result may have */
                max_tpot_p90_low_ms?: number;
                /** @description The least tpot_p90_high_ms that a result may have */
                min_tpot_p90_high_ms?: number;
                /** @description The largest tpot_p90_high_ms that a result may have */
                max_tpot_p90_high_ms?: number;
                /** @description The least itl_p90_low_ms that a result may have */
                min_itl_p90_low_ms?: number;
                /** @description The largest itl_p90_low_ms that a result may have */
                max_itl_p90_low_ms?: number;
                /** @description The least itl_p90_high_ms that a result may have */
                min_itl_p90_high_ms?: number;
                /** @description The largest itl_p90_high_ms that a result may have */
                max_itl_p90_high_ms?: number;
                /** @description The least e2e_p90_low_ms that a result may have */
                min_e2e_p90_low_ms?: number;
                /** @description The largest e2e_p90_low_ms that a result may have */
                max_e2e_p90_low_ms?: number;
                /** @description The least e2e_p90_high_ms that a result may have */
                min_e2e_p90_high_ms?: number;
                /** @description The largest e2e_p90_high_ms that a result may have */
                max_e2e_p90_high_ms?: number;
                /** @description The least output_tps that a result may have */
                min_output_tps?: number;
                /** @description The largest output_tps that a result may have */
                max_output_tps?: number;
                /** @description The least output_tps_low that a result may have */
                min_output_tps_low?: number;
                /** @description The largest output_tps_low that a result may have */
                max_output_tps_low?: number;
                /** @description The least output_tps_high that a result may have */
                min_output_tps_high?: number;
                /** @description The largest output_tps_high that a result may have */
                max_output_tps_high?: number;
                /** @description The least rps that a result may have */
                min_rps?: number;
                /** @description The largest rps that a result may have */
                max_rps?: number;
                /** @description The least failed_share that a result may have */
                min_failed_share?: number;
                /** @description The largest failed_share that a result may have */
                max_failed_share?: number;
                /** @description The least attainment that a result may have */
                min_attainment?: number;
                /** @description The largest attainment that a result may have */
                max_attainment?: number;
                /** @description The least slo_ttft_ms that a result may have */
                min_slo_ttft_ms?: number;
                /** @description The largest slo_ttft_ms that a result may have */
                max_slo_ttft_ms?: number;
                /** @description The least slo_tpot_ms that a result may have */
                min_slo_tpot_ms?: number;
                /** @description The largest slo_tpot_ms that a result may have */
                max_slo_tpot_ms?: number;
                /** @description The least slo_e2e_ms that a result may have */
                min_slo_e2e_ms?: number;
                /** @description The largest slo_e2e_ms that a result may have */
                max_slo_e2e_ms?: number;
                /** @description The least ttft_p50_of_all_ms that a result may have */
                min_ttft_p50_of_all_ms?: number;
                /** @description The largest ttft_p50_of_all_ms that a result may have */
                max_ttft_p50_of_all_ms?: number;
                /** @description The least ttft_p90_of_all_ms that a result may have */
                min_ttft_p90_of_all_ms?: number;
                /** @description The largest ttft_p90_of_all_ms that a result may have */
                max_ttft_p90_of_all_ms?: number;
                /** @description The least ttft_p95_of_all_ms that a result may have */
                min_ttft_p95_of_all_ms?: number;
                /** @description The largest ttft_p95_of_all_ms that a result may have */
                max_ttft_p95_of_all_ms?: number;
                /** @description The least ttft_p99_of_all_ms that a result may have */
                min_ttft_p99_of_all_ms?: number;
                /** @description The largest ttft_p99_of_all_ms that a result may have */
                max_ttft_p99_of_all_ms?: number;
                /** @description The least tpot_p50_of_all_ms that a result may have */
                min_tpot_p50_of_all_ms?: number;
                /** @description The largest tpot_p50_of_all_ms that a result may have */
                max_tpot_p50_of_all_ms?: number;
                /** @description The least tpot_p90_of_all_ms that a result may have */
                min_tpot_p90_of_all_ms?: number;
                /** @description The largest tpot_p90_of_all_ms that a result may have */
                max_tpot_p90_of_all_ms?: number;
                /** @description The least tpot_p95_of_all_ms that a result may have */
                min_tpot_p95_of_all_ms?: number;
                /** @description The largest tpot_p95_of_all_ms that a result may have */
                max_tpot_p95_of_all_ms?: number;
                /** @description The least tpot_p99_of_all_ms that a result may have */
                min_tpot_p99_of_all_ms?: number;
                /** @description The largest tpot_p99_of_all_ms that a result may have */
                max_tpot_p99_of_all_ms?: number;
                /** @description The least e2e_p50_of_all_ms that a result may have */
                min_e2e_p50_of_all_ms?: number;
                /** @description The largest e2e_p50_of_all_ms that a result may have */
                max_e2e_p50_of_all_ms?: number;
                /** @description The least e2e_p90_of_all_ms that a result may have */
                min_e2e_p90_of_all_ms?: number;
                /** @description The largest e2e_p90_of_all_ms that a result may have */
                max_e2e_p90_of_all_ms?: number;
                /** @description The least e2e_p95_of_all_ms that a result may have */
                min_e2e_p95_of_all_ms?: number;
                /** @description The largest e2e_p95_of_all_ms that a result may have */
                max_e2e_p95_of_all_ms?: number;
                /** @description The least e2e_p99_of_all_ms that a result may have */
                min_e2e_p99_of_all_ms?: number;
                /** @description The largest e2e_p99_of_all_ms that a result may have */
                max_e2e_p99_of_all_ms?: number;
                /** @description The least stated_usd_per_hour_spot that a result may have */
                min_stated_usd_per_hour_spot?: number;
                /** @description The largest stated_usd_per_hour_spot that a result may have */
                max_stated_usd_per_hour_spot?: number;
                /** @description The least stated_usd_per_hour_on_demand that a result may have */
                min_stated_usd_per_hour_on_demand?: number;
                /** @description The largest stated_usd_per_hour_on_demand that a result may have */
                max_stated_usd_per_hour_on_demand?: number;
                /** @description The least input_per_output that a result may have */
                min_input_per_output?: number;
                /** @description The largest input_per_output that a result may have */
                max_input_per_output?: number;
                /** @description The least cached_input_per_output that a result may have */
                min_cached_input_per_output?: number;
                /** @description The largest cached_input_per_output that a result may have */
                max_cached_input_per_output?: number;
                /** @description The least stated_usd_per_mtok_input that a result may have */
                min_stated_usd_per_mtok_input?: number;
                /** @description The largest stated_usd_per_mtok_input that a result may have */
                max_stated_usd_per_mtok_input?: number;
                /** @description The least stated_usd_per_mtok_cached_input that a result may have */
                min_stated_usd_per_mtok_cached_input?: number;
                /** @description The largest stated_usd_per_mtok_cached_input that a result may have */
                max_stated_usd_per_mtok_cached_input?: number;
                /** @description The least stated_usd_per_mtok_output that a result may have */
                min_stated_usd_per_mtok_output?: number;
                /** @description The largest stated_usd_per_mtok_output that a result may have */
                max_stated_usd_per_mtok_output?: number;
                /** @description The least fidelity that a result may have */
                min_fidelity?: number;
                /** @description The largest fidelity that a result may have */
                max_fidelity?: number;
                /** @description The least task_accuracy that a result may have */
                min_task_accuracy?: number;
                /** @description The largest task_accuracy that a result may have */
                max_task_accuracy?: number;
                /** @description The least gpu_memory_gib that a result may have */
                min_gpu_memory_gib?: number;
                /** @description The largest gpu_memory_gib that a result may have */
                max_gpu_memory_gib?: number;
                /** @description The least serving_cost_per_mtok_spot that a result may have */
                min_serving_cost_per_mtok_spot?: number;
                /** @description The largest serving_cost_per_mtok_spot that a result may have */
                max_serving_cost_per_mtok_spot?: number;
                /** @description The least serving_cost_per_mtok_on_demand that a result may have */
                min_serving_cost_per_mtok_on_demand?: number;
                /** @description The largest serving_cost_per_mtok_on_demand that a result may have */
                max_serving_cost_per_mtok_on_demand?: number;
                /** @description The least usd_per_hour_spot that a result may have */
                min_usd_per_hour_spot?: number;
                /** @description The largest usd_per_hour_spot that a result may have */
                max_usd_per_hour_spot?: number;
                /** @description The least usd_per_hour_on_demand that a result may have */
                min_usd_per_hour_on_demand?: number;
                /** @description The largest usd_per_hour_on_demand that a result may have */
                max_usd_per_hour_on_demand?: number;
                /** @description A number of the catalogue, such as ttft_p90_ms; -output_tps: the largest first */
                sort?: "ttft_mean_ms" | "-ttft_mean_ms" | "ttft_p50_ms" | "-ttft_p50_ms" | "ttft_p90_ms" | "-ttft_p90_ms" | "ttft_p95_ms" | "-ttft_p95_ms" | "ttft_p99_ms" | "-ttft_p99_ms" | "tpot_mean_ms" | "-tpot_mean_ms" | "tpot_p50_ms" | "-tpot_p50_ms" | "tpot_p90_ms" | "-tpot_p90_ms" | "tpot_p95_ms" | "-tpot_p95_ms" | "tpot_p99_ms" | "-tpot_p99_ms" | "itl_mean_ms" | "-itl_mean_ms" | "itl_p50_ms" | "-itl_p50_ms" | "itl_p90_ms" | "-itl_p90_ms" | "itl_p95_ms" | "-itl_p95_ms" | "itl_p99_ms" | "-itl_p99_ms" | "e2e_mean_ms" | "-e2e_mean_ms" | "e2e_p50_ms" | "-e2e_p50_ms" | "e2e_p90_ms" | "-e2e_p90_ms" | "e2e_p95_ms" | "-e2e_p95_ms" | "e2e_p99_ms" | "-e2e_p99_ms" | "ttft_p90_low_ms" | "-ttft_p90_low_ms" | "ttft_p90_high_ms" | "-ttft_p90_high_ms" | "tpot_p90_low_ms" | "-tpot_p90_low_ms" | "tpot_p90_high_ms" | "-tpot_p90_high_ms" | "itl_p90_low_ms" | "-itl_p90_low_ms" | "itl_p90_high_ms" | "-itl_p90_high_ms" | "e2e_p90_low_ms" | "-e2e_p90_low_ms" | "e2e_p90_high_ms" | "-e2e_p90_high_ms" | "output_tps" | "-output_tps" | "output_tps_low" | "-output_tps_low" | "output_tps_high" | "-output_tps_high" | "rps" | "-rps" | "failed_share" | "-failed_share" | "attainment" | "-attainment" | "slo_ttft_ms" | "-slo_ttft_ms" | "slo_tpot_ms" | "-slo_tpot_ms" | "slo_e2e_ms" | "-slo_e2e_ms" | "ttft_p50_of_all_ms" | "-ttft_p50_of_all_ms" | "ttft_p90_of_all_ms" | "-ttft_p90_of_all_ms" | "ttft_p95_of_all_ms" | "-ttft_p95_of_all_ms" | "ttft_p99_of_all_ms" | "-ttft_p99_of_all_ms" | "tpot_p50_of_all_ms" | "-tpot_p50_of_all_ms" | "tpot_p90_of_all_ms" | "-tpot_p90_of_all_ms" | "tpot_p95_of_all_ms" | "-tpot_p95_of_all_ms" | "tpot_p99_of_all_ms" | "-tpot_p99_of_all_ms" | "e2e_p50_of_all_ms" | "-e2e_p50_of_all_ms" | "e2e_p90_of_all_ms" | "-e2e_p90_of_all_ms" | "e2e_p95_of_all_ms" | "-e2e_p95_of_all_ms" | "e2e_p99_of_all_ms" | "-e2e_p99_of_all_ms" | "stated_usd_per_hour_spot" | "-stated_usd_per_hour_spot" | "stated_usd_per_hour_on_demand" | "-stated_usd_per_hour_on_demand" | "input_per_output" | "-input_per_output" | "cached_input_per_output" | "-cached_input_per_output" | "stated_usd_per_mtok_input" | "-stated_usd_per_mtok_input" | "stated_usd_per_mtok_cached_input" | "-stated_usd_per_mtok_cached_input" | "stated_usd_per_mtok_output" | "-stated_usd_per_mtok_output" | "fidelity" | "-fidelity" | "task_accuracy" | "-task_accuracy" | "gpu_memory_gib" | "-gpu_memory_gib" | "serving_cost_per_mtok_spot" | "-serving_cost_per_mtok_spot" | "serving_cost_per_mtok_on_demand" | "-serving_cost_per_mtok_on_demand" | "usd_per_hour_spot" | "-usd_per_hour_spot" | "usd_per_hour_on_demand" | "-usd_per_hour_on_demand";
            };
            header?: {
                /** @description The `etag` of an answer that is there already */
                "if-none-match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The table */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    etag: components["headers"]["Etag"];
                    "x-results-revision": components["headers"]["Revision"];
                    "x-catalog": components["headers"]["Source"];
                    warning: components["headers"]["Warning"];
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.apache.parquet": string;
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    getPoints: {
        parameters: {
            query: {
                /** @description The number that lies across */
                x: "ttft_mean_ms" | "ttft_p50_ms" | "ttft_p90_ms" | "ttft_p95_ms" | "ttft_p99_ms" | "tpot_mean_ms" | "tpot_p50_ms" | "tpot_p90_ms" | "tpot_p95_ms" | "tpot_p99_ms" | "itl_mean_ms" | "itl_p50_ms" | "itl_p90_ms" | "itl_p95_ms" | "itl_p99_ms" | "e2e_mean_ms" | "e2e_p50_ms" | "e2e_p90_ms" | "e2e_p95_ms" | "e2e_p99_ms" | "ttft_p90_low_ms" | "ttft_p90_high_ms" | "tpot_p90_low_ms" | "tpot_p90_high_ms" | "itl_p90_low_ms" | "itl_p90_high_ms" | "e2e_p90_low_ms" | "e2e_p90_high_ms" | "output_tps" | "output_tps_low" | "output_tps_high" | "rps" | "failed_share" | "attainment" | "slo_ttft_ms" | "slo_tpot_ms" | "slo_e2e_ms" | "ttft_p50_of_all_ms" | "ttft_p90_of_all_ms" | "ttft_p95_of_all_ms" | "ttft_p99_of_all_ms" | "tpot_p50_of_all_ms" | "tpot_p90_of_all_ms" | "tpot_p95_of_all_ms" | "tpot_p99_of_all_ms" | "e2e_p50_of_all_ms" | "e2e_p90_of_all_ms" | "e2e_p95_of_all_ms" | "e2e_p99_of_all_ms" | "stated_usd_per_hour_spot" | "stated_usd_per_hour_on_demand" | "input_per_output" | "cached_input_per_output" | "stated_usd_per_mtok_input" | "stated_usd_per_mtok_cached_input" | "stated_usd_per_mtok_output" | "fidelity" | "task_accuracy" | "gpu_memory_gib" | "serving_cost_per_mtok_spot" | "serving_cost_per_mtok_on_demand" | "usd_per_hour_spot" | "usd_per_hour_on_demand";
                /** @description The number that goes up */
                y: "ttft_mean_ms" | "ttft_p50_ms" | "ttft_p90_ms" | "ttft_p95_ms" | "ttft_p99_ms" | "tpot_mean_ms" | "tpot_p50_ms" | "tpot_p90_ms" | "tpot_p95_ms" | "tpot_p99_ms" | "itl_mean_ms" | "itl_p50_ms" | "itl_p90_ms" | "itl_p95_ms" | "itl_p99_ms" | "e2e_mean_ms" | "e2e_p50_ms" | "e2e_p90_ms" | "e2e_p95_ms" | "e2e_p99_ms" | "ttft_p90_low_ms" | "ttft_p90_high_ms" | "tpot_p90_low_ms" | "tpot_p90_high_ms" | "itl_p90_low_ms" | "itl_p90_high_ms" | "e2e_p90_low_ms" | "e2e_p90_high_ms" | "output_tps" | "output_tps_low" | "output_tps_high" | "rps" | "failed_share" | "attainment" | "slo_ttft_ms" | "slo_tpot_ms" | "slo_e2e_ms" | "ttft_p50_of_all_ms" | "ttft_p90_of_all_ms" | "ttft_p95_of_all_ms" | "ttft_p99_of_all_ms" | "tpot_p50_of_all_ms" | "tpot_p90_of_all_ms" | "tpot_p95_of_all_ms" | "tpot_p99_of_all_ms" | "e2e_p50_of_all_ms" | "e2e_p90_of_all_ms" | "e2e_p95_of_all_ms" | "e2e_p99_of_all_ms" | "stated_usd_per_hour_spot" | "stated_usd_per_hour_on_demand" | "input_per_output" | "cached_input_per_output" | "stated_usd_per_mtok_input" | "stated_usd_per_mtok_cached_input" | "stated_usd_per_mtok_output" | "fidelity" | "task_accuracy" | "gpu_memory_gib" | "serving_cost_per_mtok_spot" | "serving_cost_per_mtok_on_demand" | "usd_per_hour_spot" | "usd_per_hour_on_demand";
                /** @description Most entries of the answer */
                limit?: number;
                /** @description These models. */
                model?: components["schemas"]["ModelName"][];
                /** @description These precisions, or `hosted`. */
                quantisation?: components["schemas"]["QuantisationOrHosted"][];
                /** @description These accelerators, in any count, or `hosted`. */
                accelerator?: components["schemas"]["AcceleratorOrHosted"][];
                /** @description These hardware configs, or `hosted`. */
                hardware?: components["schemas"]["HardwareOrHosted"][];
                /** @description These engines, in any version, or these providers of hosted models. */
                engine?: components["schemas"]["ServedBy"][];
                /** @description This engine at a version: `vllm 0.11.0`. */
                framework?: string;
                /** @description Engines that said to be of these versions, whichever was asked for; `unknown` where none was told. */
                engine_version?: string[];
                /** @description This use case. */
                use_case?: components["schemas"]["UseCase"];
                /** @description This shape of traffic: `512>128`, `512>128, 64 shared`. */
                shape?: string;
                /** @description Prompts of so many tokens. */
                input_tokens?: number;
                /** @description Answers of so many tokens. */
                output_tokens?: number;
                /** @description Requests that arrive like this: `c16`. */
                load?: string;
                /** @description This endpoint. */
                protocol?: components["schemas"]["Protocol"];
                /** @description This provenance. */
                provenance?: components["schemas"]["Provenance"];
                /** @description The least ttft_mean_ms that a result may have */
                min_ttft_mean_ms?: number;
                /** @description The largest ttft_mean_ms that a result may have */
                max_ttft_mean_ms?: number;
                /** @description The least ttft_p50_ms that a result may have */
                min_ttft_p50_ms?: number;
                /** @description The largest ttft_p50_ms that a result may have */
                max_ttft_p50_ms?: number;
                /** @description The least ttft_p90_ms that a result may have */
                min_ttft_p90_ms?: number;
                /** @description The largest ttft_p90_ms that a result may have */
                max_ttft_p90_ms?: number;
                /** @description The least ttft_p95_ms that a result may have */
                min_ttft_p95_ms?: number;
                /** @description The largest ttft_p95_ms that a result may have */
                max_ttft_p95_ms?: number;
                /** @description The least ttft_p99_ms that a result may have */
                min_ttft_p99_ms?: number;
                /** @description The largest ttft_p99_ms that a result may have */
                max_ttft_p99_ms?: number;
                /** @description The least tpot_mean_ms that a result may have */
                min_tpot_mean_ms?: number;
                /** @description The largest tpot_mean_ms that a result may have */
                max_tpot_mean_ms?: number;
                /** @description The least tpot_p50_ms that a result may have */
                min_tpot_p50_ms?: number;
                /** @description The largest tpot_p50_ms that a result may have */
                max_tpot_p50_ms?: number;
                /** @description The least tpot_p90_ms that a result may have */
                min_tpot_p90_ms?: number;
                /** @description The largest tpot_p90_ms that a result may have */
                max_tpot_p90_ms?: number;
                /** @description The least tpot_p95_ms that a result may have */
                min_tpot_p95_ms?: number;
                /** @description The largest tpot_p95_ms that a result may have */
                max_tpot_p95_ms?: number;
                /** @description The least tpot_p99_ms that a result may have */
                min_tpot_p99_ms?: number;
                /** @description The largest tpot_p99_ms that a result may have */
                max_tpot_p99_ms?: number;
                /** @description The least itl_mean_ms that a result may have */
                min_itl_mean_ms?: number;
                /** @description The largest itl_mean_ms that a result may have */
                max_itl_mean_ms?: number;
                /** @description The least itl_p50_ms that a result may have */
                min_itl_p50_ms?: number;
                /** @description The largest itl_p50_ms that a result may have */
                max_itl_p50_ms?: number;
                /** @description The least itl_p90_ms that a result may have */
                min_itl_p90_ms?: number;
                /** @description The largest itl_p90_ms that a result may have */
                max_itl_p90_ms?: number;
                /** @description The least itl_p95_ms that a result may have */
                min_itl_p95_ms?: number;
                /** @description The largest itl_p95_ms that a result may have */
                max_itl_p95_ms?: number;
                /** @description The least itl_p99_ms that a result may have */
                min_itl_p99_ms?: number;
                /** @description The largest itl_p99_ms that a result may have */
                max_itl_p99_ms?: number;
                /** @description The least e2e_mean_ms that a result may have */
                min_e2e_mean_ms?: number;
                /** @description The largest e2e_mean_ms that a result may have */
                max_e2e_mean_ms?: number;
                /** @description The least e2e_p50_ms that a result may have */
                min_e2e_p50_ms?: number;
                /** @description The largest e2e_p50_ms that a result may have */
                max_e2e_p50_ms?: number;
                /** @description The least e2e_p90_ms that a result may have */
                min_e2e_p90_ms?: number;
                /** @description The largest e2e_p90_ms that a result may have */
                max_e2e_p90_ms?: number;
                /** @description The least e2e_p95_ms that a result may have */
                min_e2e_p95_ms?: number;
                /** @description The largest e2e_p95_ms that a result may have */
                max_e2e_p95_ms?: number;
                /** @description The least e2e_p99_ms that a result may have */
                min_e2e_p99_ms?: number;
                /** @description The largest e2e_p99_ms that a result may have */
                max_e2e_p99_ms?: number;
                /** @description The least ttft_p90_low_ms that a result may have */
                min_ttft_p90_low_ms?: number;
                /** @description The largest ttft_p90_low_ms that a result may have */
                max_ttft_p90_low_ms?: number;
                /** @description The least ttft_p90_high_ms that a result may have */
                min_ttft_p90_high_ms?: number;
                /** @description The largest ttft_p90_high_ms that a result may have */
                max_ttft_p90_high_ms?: number;
                /** @description The least tpot_p90_low_ms that a result may have */
                min_tpot_p90_low_ms?: number;
                /** @description The largest tpot_p90_low_ms that a result may have */
                max_tpot_p90_low_ms?: number;
                /** @description The least tpot_p90_high_ms that a result may have */
                min_tpot_p90_high_ms?: number;
                /** @description The largest tpot_p90_high_ms that a result may have */
                max_tpot_p90_high_ms?: number;
                /** @description The least itl_p90_low_ms that a result may have */
                min_itl_p90_low_ms?: number;
                /** @description The largest itl_p90_low_ms that a result may have */
                max_itl_p90_low_ms?: number;
                /** @description The least itl_p90_high_ms that a result may have */
                min_itl_p90_high_ms?: number;
                /** @description The largest itl_p90_high_ms that a result may have */
                max_itl_p90_high_ms?: number;
                /** @description The least e2e_p90_low_ms that a result may have */
                min_e2e_p90_low_ms?: number;
                /** @description The largest e2e_p90_low_ms that a result may have */
                max_e2e_p90_low_ms?: number;
                /** @description The least e2e_p90_high_ms that a result may have */
                min_e2e_p90_high_ms?: number;
                /** @description The largest e2e_p90_high_ms that a result may have */
                max_e2e_p90_high_ms?: number;
                /** @description The least output_tps that a result may have */
                min_output_tps?: number;
                /** @description The largest output_tps that a result may have */
                max_output_tps?: number;
                /** @description The least output_tps_low that a result may have */
                min_output_tps_low?: number;
                /** @description The largest output_tps_low that a result may have */
                max_output_tps_low?: number;
                /** @description The least output_tps_high that a result may have */
                min_output_tps_high?: number;
                /** @description The largest output_tps_high that a result may have */
                max_output_tps_high?: number;
                /** @description The least rps that a result may have */
                min_rps?: number;
                /** @description The largest rps that a result may have */
                max_rps?: number;
                /** @description The least failed_share that a result may have */
                min_failed_share?: number;
                /** @description The largest failed_share that a result may have */
                max_failed_share?: number;
                /** @description The least attainment that a result may have */
                min_attainment?: number;
                /** @description The largest attainment that a result may have */
                max_attainment?: number;
                /** @description The least slo_ttft_ms that a result may have */
                min_slo_ttft_ms?: number;
                /** @description The largest slo_ttft_ms that a result may have */
                max_slo_ttft_ms?: number;
                /** @description The least slo_tpot_ms that a result may have */
                min_slo_tpot_ms?: number;
                /** @description The largest slo_tpot_ms that a result may have */
                max_slo_tpot_ms?: number;
                /** @description The least slo_e2e_ms that a result may have */
                min_slo_e2e_ms?: number;
                /** @description The largest slo_e2e_ms that a result may have */
                max_slo_e2e_ms?: number;
                /** @description The least ttft_p50_of_all_ms that a result may have */
                min_ttft_p50_of_all_ms?: number;
                /** @description The largest ttft_p50_of_all_ms that a result may have */
                max_ttft_p50_of_all_ms?: number;
                /** @description The least ttft_p90_of_all_ms that a result may have */
                min_ttft_p90_of_all_ms?: number;
                /** @description The largest ttft_p90_of_all_ms that a result may have */
                max_ttft_p90_of_all_ms?: number;
                /** @description The least ttft_p95_of_all_ms that a result may have */
                min_ttft_p95_of_all_ms?: number;
                /** @description The largest ttft_p95_of_all_ms that a result may have */
                max_ttft_p95_of_all_ms?: number;
                /** @description The least ttft_p99_of_all_ms that a result may have */
                min_ttft_p99_of_all_ms?: number;
                /** @description The largest ttft_p99_of_all_ms that a result may have */
                max_ttft_p99_of_all_ms?: number;
                /** @description The least tpot_p50_of_all_ms that a result may have */
                min_tpot_p50_of_all_ms?: number;
                /** @description The largest tpot_p50_of_all_ms that a result may have */
                max_tpot_p50_of_all_ms?: number;
                /** @description The least tpot_p90_of_all_ms that a result may have */
                min_tpot_p90_of_all_ms?: number;
                /** @description The largest tpot_p90_of_all_ms that a result may have */
                max_tpot_p90_of_all_ms?: number;
                /** @description The least tpot_p95_of_all_ms that a result may have */
                min_tpot_p95_of_all_ms?: number;
                /** @description The largest tpot_p95_of_all_ms that a result may have */
                max_tpot_p95_of_all_ms?: number;
                /** @description The least tpot_p99_of_all_ms that a result may have */
                min_tpot_p99_of_all_ms?: number;
                /** @description The largest tpot_p99_of_all_ms that a result may have */
                max_tpot_p99_of_all_ms?: number;
                /** @description The least e2e_p50_of_all_ms that a result may have */
                min_e2e_p50_of_all_ms?: number;
                /** @description The largest e2e_p50_of_all_ms that a result may have */
                max_e2e_p50_of_all_ms?: number;
                /** @description The least e2e_p90_of_all_ms that a result may have */
                min_e2e_p90_of_all_ms?: number;
                /** @description The largest e2e_p90_of_all_ms that a result may have */
                max_e2e_p90_of_all_ms?: number;
                /** @description The least e2e_p95_of_all_ms that a result may have */
                min_e2e_p95_of_all_ms?: number;
                /** @description The largest e2e_p95_of_all_ms that a result may have */
                max_e2e_p95_of_all_ms?: number;
                /** @description The least e2e_p99_of_all_ms that a result may have */
                min_e2e_p99_of_all_ms?: number;
                /** @description The largest e2e_p99_of_all_ms that a result may have */
                max_e2e_p99_of_all_ms?: number;
                /** @description The least stated_usd_per_hour_spot that a result may have */
                min_stated_usd_per_hour_spot?: number;
                /** @description The largest stated_usd_per_hour_spot that a result may have */
                max_stated_usd_per_hour_spot?: number;
                /** @description The least stated_usd_per_hour_on_demand that a result may have */
                min_stated_usd_per_hour_on_demand?: number;
                /** @description The largest stated_usd_per_hour_on_demand that a result may have */
                max_stated_usd_per_hour_on_demand?: number;
                /** @description The least input_per_output that a result may have */
                min_input_per_output?: number;
                /** @description The largest input_per_output that a result may have */
                max_input_per_output?: number;
                /** @description The least cached_input_per_output that a result may have */
                min_cached_input_per_output?: number;
                /** @description The largest cached_input_per_output that a result may have */
                max_cached_input_per_output?: number;
                /** @description The least stated_usd_per_mtok_input that a result may have */
                min_stated_usd_per_mtok_input?: number;
                /** @description The largest stated_usd_per_mtok_input that a result may have */
                max_stated_usd_per_mtok_input?: number;
                /** @description The least stated_usd_per_mtok_cached_input that a result may have */
                min_stated_usd_per_mtok_cached_input?: number;
                /** @description The largest stated_usd_per_mtok_cached_input that a result may have */
                max_stated_usd_per_mtok_cached_input?: number;
                /** @description The least stated_usd_per_mtok_output that a result may have */
                min_stated_usd_per_mtok_output?: number;
                /** @description The largest stated_usd_per_mtok_output that a result may have */
                max_stated_usd_per_mtok_output?: number;
                /** @description The least fidelity that a result may have */
                min_fidelity?: number;
                /** @description The largest fidelity that a result may have */
                max_fidelity?: number;
                /** @description The least task_accuracy that a result may have */
                min_task_accuracy?: number;
                /** @description The largest task_accuracy that a result may have */
                max_task_accuracy?: number;
                /** @description The least gpu_memory_gib that a result may have */
                min_gpu_memory_gib?: number;
                /** @description The largest gpu_memory_gib that a result may have */
                max_gpu_memory_gib?: number;
                /** @description The least serving_cost_per_mtok_spot that a result may have */
                min_serving_cost_per_mtok_spot?: number;
                /** @description The largest serving_cost_per_mtok_spot that a result may have */
                max_serving_cost_per_mtok_spot?: number;
                /** @description The least serving_cost_per_mtok_on_demand that a result may have */
                min_serving_cost_per_mtok_on_demand?: number;
                /** @description The largest serving_cost_per_mtok_on_demand that a result may have */
                max_serving_cost_per_mtok_on_demand?: number;
                /** @description The least usd_per_hour_spot that a result may have */
                min_usd_per_hour_spot?: number;
                /** @description The largest usd_per_hour_spot that a result may have */
                max_usd_per_hour_spot?: number;
                /** @description The least usd_per_hour_on_demand that a result may have */
                min_usd_per_hour_on_demand?: number;
                /** @description The largest usd_per_hour_on_demand that a result may have */
                max_usd_per_hour_on_demand?: number;
            };
            header?: {
                /** @description The `etag` of an answer that is there already */
                "if-none-match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The points, in columns */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    etag: components["headers"]["Etag"];
                    "x-results-revision": components["headers"]["Revision"];
                    "x-catalog": components["headers"]["Source"];
                    warning: components["headers"]["Warning"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Points"];
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    getConfiguration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a configuration */
                config_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its latest result of each provenance */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KnownConfiguration"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    getConfigurationHistory: {
        parameters: {
            query?: {
                /** @description Where the numbers come from */
                provenance?: components["schemas"]["Provenance"];
                /** @description Most entries of the answer */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description The id of a configuration */
                config_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its results */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    compareConfigurations: {
        parameters: {
            query: {
                /** @description The configurations */
                id: string[];
                /** @description Which price counts */
                price?: components["schemas"]["PriceKind"];
                /** @description Where the numbers come from */
                provenance?: components["schemas"]["Provenance"];
            };
            header?: {
                /** @description The `etag` of an answer that is there already */
                "if-none-match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The comparison */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    etag: components["headers"]["Etag"];
                    "x-results-revision": components["headers"]["Revision"];
                    "x-catalog": components["headers"]["Source"];
                    warning: components["headers"]["Warning"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Comparison"];
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    listRankings: {
        parameters: {
            query?: {
                /** @description Of this use case */
                use_case?: components["schemas"]["UseCase"];
                /** @description Where the numbers come from */
                provenance?: components["schemas"]["Provenance"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rankings */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rankings"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    recommend: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "use_case": "chatbot",
                 *       "target_rps": 20,
                 *       "max_usd_per_month": 20000,
                 *       "bounds": [
                 *         {
                 *           "metric": "ttft",
                 *           "statistic": "p95",
                 *           "max_ms": 500
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["RecommendationRequest"];
            };
        };
        responses: {
            /** @description The ranking */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recommendation"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    estimate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "use_case": "chatbot",
                 *       "input_tokens": 700,
                 *       "output_tokens": 150,
                 *       "concurrency": 24
                 *     }
                 */
                "application/json": components["schemas"]["EstimateRequest"];
            };
        };
        responses: {
            /** @description Every launch that was measured near enough */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Estimates"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    listModels: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of an answer that is there already */
                "if-none-match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Models */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    etag: components["headers"]["Etag"];
                    "x-results-revision": components["headers"]["Revision"];
                    "x-catalog": components["headers"]["Source"];
                    warning: components["headers"]["Warning"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Models"];
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    listHardware: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of an answer that is there already */
                "if-none-match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Hardware configs */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    etag: components["headers"]["Etag"];
                    "x-results-revision": components["headers"]["Revision"];
                    "x-catalog": components["headers"]["Source"];
                    warning: components["headers"]["Warning"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HardwareList"];
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    listFrameworks: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of an answer that is there already */
                "if-none-match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Engines */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    etag: components["headers"]["Etag"];
                    "x-results-revision": components["headers"]["Revision"];
                    "x-catalog": components["headers"]["Source"];
                    warning: components["headers"]["Warning"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Frameworks"];
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    listUseCases: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of an answer that is there already */
                "if-none-match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Use cases */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    etag: components["headers"]["Etag"];
                    "x-results-revision": components["headers"]["Revision"];
                    "x-catalog": components["headers"]["Source"];
                    warning: components["headers"]["Warning"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseCases"];
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    importResults: {
        parameters: {
            query?: {
                /** @description What the file is called */
                name?: string;
                /** @description The format; found out from the content when absent. */
                format?: string;
                /** @description The model, by our name. */
                model?: string;
                /** @description The precision of its weights. */
                quantisation?: string;
                /** @description What it ran on, such as `h100x2`. */
                hardware?: string;
                /** @description The engine that answered. */
                engine?: string;
                /** @description Its version. Not asked for: it stays unknown. */
                engine_version?: string;
                /** @description What the traffic is for. */
                use_case?: string;
                /** @description Tokens of a prompt that were asked for. */
                input_tokens?: string;
                /** @description Tokens of an answer that were asked for. */
                output_tokens?: string;
                /** @description Requests that were kept in flight. */
                concurrency?: string;
                /** @description How requests at a rate followed each other: constant, poisson or gamma:0.5. */
                arrival?: string;
                /** @description Which endpoint carried them. */
                protocol?: string;
                /** @description When it was measured: an instant, or a day (UTC). */
                measured_at?: string;
                /** @description Definitions of other tools whose numbers may stand for ours, with commas between them. They are flagged. */
                accept?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": unknown;
                "application/json": unknown;
            };
        };
        responses: {
            /** @description Nothing new: it was there already, or `asks` must be stated first */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportReport"];
                };
            };
            /** @description What was taken in */
            201: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportReport"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    listCampaigns: {
        parameters: {
            query?: {
                /** @description Most entries of the answer */
                limit?: number;
                /** @description `next_cursor` of the page before, as it is. 410 when it is of older results */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of campaigns */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CampaignPage"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    createCampaign: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/yaml": components["schemas"]["CampaignSpec"];
                "application/json": components["schemas"]["CampaignSpec"];
            };
        };
        responses: {
            /** @description It begins or goes on */
            202: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Triggered"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    planCampaign: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/yaml": components["schemas"]["CampaignSpec"];
                "application/json": components["schemas"]["CampaignSpec"];
            };
        };
        responses: {
            /** @description The plan */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlannedCampaign"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    getCampaign: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a campaign */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The campaign with its batches */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KnownCampaign"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    followCampaign: {
        parameters: {
            query?: never;
            header?: {
                /** @description The id of the event that was told last */
                "last-event-id"?: string;
            };
            path: {
                /** @description The id of a campaign */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    pauseCampaign: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a campaign */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The campaign */
            202: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CampaignRecord"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    resumeCampaign: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a campaign */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The campaign */
            202: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CampaignRecord"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    cancelCampaign: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a campaign */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The campaign */
            202: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CampaignRecord"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    getReport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a campaign */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Where the report is, when it is too large to be carried, as on AWS Lambda */
            303: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    /** @description A URL that is valid for five minutes */
                    location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    getReportHtml: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a campaign */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description Where the report is, when it is too large to be carried, as on AWS Lambda */
            303: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    /** @description A URL that is valid for five minutes */
                    location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    getReportPdf: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a campaign */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/pdf": string;
                };
            };
            /** @description Where the report is, when it is too large to be carried, as on AWS Lambda */
            303: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    /** @description A URL that is valid for five minutes */
                    location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenMetrics */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/openmetrics-text; version=1.0.0; charset=utf-8": string;
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
            500: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    isHealthy: {
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
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": "ok";
                };
            };
            500: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    isReady: {
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
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": "ok";
                };
            };
            500: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    getOpenApi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            500: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
}
