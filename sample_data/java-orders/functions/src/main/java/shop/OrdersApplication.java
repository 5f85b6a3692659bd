package shop;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** The two Spring Cloud Functions; {@code SPRING_CLOUD_FUNCTION_DEFINITION} says which one runs. */
@SpringBootApplication
public class OrdersApplication {
  private static final Logger LOG = LoggerFactory.getLogger(OrdersApplication.class);

  public static void main(String[] arguments) {
    SpringApplication.run(OrdersApplication.class, arguments);
  }

  /** {@code POST /orders}: answers 202 and puts the order on the pricing queue, or 400. */
  @Bean
  public Function<APIGatewayV2HTTPEvent, APIGatewayV2HTTPResponse> placeOrder() {
    Queue pricing = new Queue("PRICING_QUEUE");
    return request -> {
      String cart = request.getBody();
      if (cart.isBlank()) {
        LOG.warn("refused an empty cart");
        return answer(400, "the cart is empty");
      }
      String orderId = "ord-" + UUID.randomUUID().toString().replace("-", "").substring(0, 10);
      try (MDC.MDCCloseable order = MDC.putCloseable("correlation_id", orderId)) {
        LOG.info("order accepted");
        pricing.send(orderId + " " + cart);
      }
      return answer(202, orderId);
    };
  }

  /** Takes priced orders off the fulfilment queue; the warehouse hangs on pallets. */
  @Bean
  public Function<SQSEvent, Map<String, Integer>> fulfil() {
    return event -> {
      for (SQSEvent.SQSMessage message : event.getRecords()) {
        String orderId = message.getBody().split(" ")[0];
        try (MDC.MDCCloseable order = MDC.putCloseable("correlation_id", orderId)) {
          LOG.info("order taken to the warehouse");
          Pause.milliseconds(message.getBody().contains("pallet") ? 60_000 : 30);
        }
      }
      return Map.of("fulfilled", event.getRecords().size());
    };
  }

  private static APIGatewayV2HTTPResponse answer(int status, String text) {
    return APIGatewayV2HTTPResponse.builder().withStatusCode(status).withBody(text).build();
  }
}
