{
    "name": "Benchmark documents",
    "summary": "The same document: plain, governed by the peer, governed by ours",
    "version": "19.0.1.0.0",
    "author": "Retail Ops contributors",
    "license": "LGPL-3",
    "depends": ["base_tier_validation", "retail_ops_approvals"],
    "data": ["ir.model.access.csv"],
}
