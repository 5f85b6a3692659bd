-- One row per use: for how many spans one stands by what its attributes say of sampling: a count of
-- items it stands for (SampleRate, itemCount), the per cent or the share that was kept. null: they say
-- nothing, or nothing that can be.
create or replace macro rate_of(attributes) as
    list_transform(
        list_filter(attributes, lambda each: each."key" in (
            'SampleRate', 'sampleRate', 'sample_rate', 'sample.rate', 'itemCount', 'item_count',
            '_MS.sampleRate', 'microsoft.sample_rate', 'sampling.probability', 'sampling.ratio',
            'sampler.param', 'sampling_ratio'
        )),
        lambda each: case
            when try_cast(each.value as double) is null or try_cast(each.value as double) <= 0
                then null
            when each."key" in ('_MS.sampleRate', 'microsoft.sample_rate')
                then greatest(1, 100 / try_cast(each.value as double))
            when each."key" in (
                'sampling.probability', 'sampling.ratio', 'sampler.param', 'sampling_ratio'
            )
                then if(try_cast(each.value as double) <= 1, 1 / try_cast(each.value as double), null)
            else greatest(1, try_cast(each.value as double))
        end
    )[1]
