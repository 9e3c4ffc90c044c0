"""Small models of the transformers library, built from configurations; nothing is downloaded."""

import transformers


def tiny_llama():
    config = transformers.LlamaConfig(
        vocab_size=128,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
    )
    return transformers.LlamaForCausalLM(config)


def tiny_bert():
    config = transformers.BertConfig(
        vocab_size=100, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64
    )
    return transformers.BertForMaskedLM(config)


def tiny_gpt2():
    return transformers.GPT2LMHeadModel(
        transformers.GPT2Config(vocab_size=90, n_embd=32, n_layer=2, n_head=4, n_positions=12)
    )


def tiny_t5():
    config = transformers.T5Config(
        vocab_size=80, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, decoder_start_token_id=0
    )
    return transformers.T5ForConditionalGeneration(config)


def tiny_vit():
    config = transformers.ViTConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, image_size=32, patch_size=8
    )
    return transformers.ViTForImageClassification(config)
